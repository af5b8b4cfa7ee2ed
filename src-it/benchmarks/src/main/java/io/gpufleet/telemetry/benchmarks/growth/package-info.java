/** The cost of more clients and of more stored heartbeats, in each layout of the tables. */
@org.jspecify.annotations.NullMarked
package io.gpufleet.telemetry.benchmarks.growth;
