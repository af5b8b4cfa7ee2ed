/** The footprint of a consumer in its own JVM, with a backlog that it cannot keep up with. */
@org.jspecify.annotations.NullMarked
package io.gpufleet.telemetry.benchmarks.footprint;
