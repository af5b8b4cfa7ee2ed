/** How long heartbeats take to be stored, at a steady pace. */
@org.jspecify.annotations.NullMarked
package io.gpufleet.telemetry.benchmarks.latency;
