/** The way of a heartbeat from Kafka into PostgreSQL, measured whole and in parts, beside how others go it. */
@org.jspecify.annotations.NullMarked
package io.gpufleet.telemetry.benchmarks.pipeline;
