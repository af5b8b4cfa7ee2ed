/** Tests of the answers about consumers. */
@NullMarked
package io.gpufleet.telemetry.examples.rest.status;

import org.jspecify.annotations.NullMarked;
