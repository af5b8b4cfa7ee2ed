/** How far more consumers help. */
@org.jspecify.annotations.NullMarked
package io.gpufleet.telemetry.benchmarks.scaleout;
