/** What more clients and more stored heartbeats cost, in each layout of the tables. */
@org.jspecify.annotations.NullMarked
package io.gpufleet.telemetry.benchmarks.growth;
