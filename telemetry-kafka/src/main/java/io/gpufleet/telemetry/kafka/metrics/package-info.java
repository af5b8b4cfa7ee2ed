/** A consumer in the meters of Micrometer and the traces of OpenTelemetry; both libraries are optional. */
@NullMarked
package io.gpufleet.telemetry.kafka.metrics;

import org.jspecify.annotations.NullMarked;
