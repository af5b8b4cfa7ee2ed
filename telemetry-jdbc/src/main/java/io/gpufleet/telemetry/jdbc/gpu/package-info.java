/** Tables of GPU samples and their GPUs. */
@NullMarked
package io.gpufleet.telemetry.jdbc.gpu;

import org.jspecify.annotations.NullMarked;
