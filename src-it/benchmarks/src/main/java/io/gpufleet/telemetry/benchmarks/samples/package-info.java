/** The texts of GPU samples and the JSON of metric events, read by the SDK and by other libraries. */
@org.jspecify.annotations.NullMarked
package io.gpufleet.telemetry.benchmarks.samples;
