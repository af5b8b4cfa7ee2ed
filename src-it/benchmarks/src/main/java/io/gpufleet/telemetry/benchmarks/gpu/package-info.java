/** The path of GPU samples from Kafka into PostgreSQL, in long and in wide rows, measured as a whole and in parts. */
@org.jspecify.annotations.NullMarked
package io.gpufleet.telemetry.benchmarks.gpu;
