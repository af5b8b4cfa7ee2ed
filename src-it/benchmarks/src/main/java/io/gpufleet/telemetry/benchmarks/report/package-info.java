/** Tables of figures, and the rounds of measurements. */
@org.jspecify.annotations.NullMarked
package io.gpufleet.telemetry.benchmarks.report;
