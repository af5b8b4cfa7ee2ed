/** Tables of figures, and what the rounds of a measurement gave. */
@org.jspecify.annotations.NullMarked
package io.gpufleet.telemetry.benchmarks.report;
