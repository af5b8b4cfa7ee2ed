/** The time from heartbeat to commit, at a steady pace. */
@org.jspecify.annotations.NullMarked
package io.gpufleet.telemetry.benchmarks.latency;
