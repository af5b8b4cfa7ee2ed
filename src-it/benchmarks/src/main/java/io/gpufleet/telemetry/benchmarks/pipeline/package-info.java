/**
 * The path of a heartbeat from Kafka into PostgreSQL, measured as a whole and in parts, beside that of other programs.
 */
@org.jspecify.annotations.NullMarked
package io.gpufleet.telemetry.benchmarks.pipeline;
