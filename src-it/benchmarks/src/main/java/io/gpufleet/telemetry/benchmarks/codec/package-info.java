/** The wire forms of a heartbeat, ours beside those of other libraries: how long they take and what they allocate. */
@org.jspecify.annotations.NullMarked
package io.gpufleet.telemetry.benchmarks.codec;
