/** Shared code of the SDK's modules: no part of the public API, and free to change with every release. */
@NullMarked
package io.gpufleet.telemetry.internal;

import org.jspecify.annotations.NullMarked;
