package io.gpufleet.telemetry.jdbc.monitor;

import io.gpufleet.telemetry.PartitionLag;
import io.gpufleet.telemetry.SourcePartition;

/**
 * A row of {@code consumer_lag_history}. Immutable.
 *
 * @param nanos the time of the measurement, by {@link System#nanoTime()}
 * @param partition the partition
 * @param lag its lag
 */
record LagSample(long nanos, SourcePartition partition, PartitionLag lag) {}
