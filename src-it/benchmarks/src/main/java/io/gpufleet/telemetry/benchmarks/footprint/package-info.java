/** What a consumer takes of its own JVM, with a backlog that it cannot keep up with. */
@org.jspecify.annotations.NullMarked
package io.gpufleet.telemetry.benchmarks.footprint;
