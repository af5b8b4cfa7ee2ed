package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.FailurePolicy;
import io.gpufleet.telemetry.ResetPolicy;
import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.TelemetryListener;
import io.gpufleet.telemetry.TransactionalSink;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * What a consumer was built with, checked. Immutable.
 *
 * @param clientProperties the settings of the Kafka client
 * @param topics the topics to subscribe to
 * @param groupId the consumer group
 * @param sink where batches go
 * @param reader how records become deliveries
 * @param readsOwnTime true if the host reads the time elsewhere than from the record's timestamp
 * @param batching when a batch is written
 * @param retry how long to wait between attempts
 * @param failurePolicy when to stop
 * @param resetPolicy where to start without a usable position
 * @param adoptGroupOffsets true if the group's committed offsets count when there is no position yet
 * @param listener the host's listener
 * @param concurrency the number of lanes
 * @param bufferBytes the budget of buffered bytes
 * @param nanoTime the clock that lingers are measured with
 */
record ConsumerOptions<T>(
        ClientProperties clientProperties,
        Set<String> topics,
        String groupId,
        TransactionalSink<T> sink,
        RecordReader<T> reader,
        boolean readsOwnTime,
        BatchPolicy batching,
        RetryPolicy retry,
        FailurePolicy failurePolicy,
        ResetPolicy resetPolicy,
        boolean adoptGroupOffsets,
        TelemetryListener listener,
        int concurrency,
        long bufferBytes,
        LongSupplier nanoTime) {}
