/** The wire forms of a heartbeat, the SDK's beside those of other libraries: their time and their allocations. */
@org.jspecify.annotations.NullMarked
package io.gpufleet.telemetry.benchmarks.codec;
