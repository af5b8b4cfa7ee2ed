package io.gpufleet.telemetry.jdbc.monitor;

import io.gpufleet.telemetry.PartitionLag;
import io.gpufleet.telemetry.SourcePartition;

/**
 * A row of {@code consumer_lag_history}. Immutable.
 *
 * @param nanos when it was measured, by {@link System#nanoTime()}
 * @param partition the partition
 * @param lag how far it is behind
 */
record LagSample(long nanos, SourcePartition partition, PartitionLag lag) {}
