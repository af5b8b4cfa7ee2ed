package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.PartitionLag;
import io.gpufleet.telemetry.SourcePartition;
import java.time.Instant;

/** A row of {@code consumer_lag_history}. Immutable. */
record LagSample(Instant at, SourcePartition partition, PartitionLag lag) {}
