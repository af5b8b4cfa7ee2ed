/** The gain from more consumers. */
@org.jspecify.annotations.NullMarked
package io.gpufleet.telemetry.benchmarks.scaleout;
