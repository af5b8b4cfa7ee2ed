package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.AlarmPolicy;
import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.FailurePolicy;
import io.gpufleet.telemetry.ResetPolicy;
import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.TelemetryListener;
import io.gpufleet.telemetry.TransactionalSink;
import io.gpufleet.telemetry.internal.RecordReader;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * What a consumer was built with, checked; only the tuning may change. Thread-safe.
 *
 * @param tuning what may change while the consumer runs
 * @param topics the topics to subscribe to
 * @param groupId the consumer group
 * @param sink where batches go
 * @param reader how records become deliveries
 * @param readsOwnTime true if the host reads the time elsewhere than from the record's timestamp
 * @param retry how long to wait between attempts
 * @param failurePolicy when to stop
 * @param adoptGroupOffsets true if the group's committed offsets count when there is no position yet
 * @param clusterMove the host's word that the group leaves another cluster, if it has said so
 * @param alarms when lag and activity are worth an alarm
 * @param listeners the host's listeners
 * @param concurrency the number of lanes
 * @param bufferBytes the budget of buffered bytes
 * @param nanoTime the clock that lingers are measured with
 */
record ConsumerOptions<T>(
        CurrentTuning tuning,
        Set<String> topics,
        String groupId,
        TransactionalSink<T> sink,
        RecordReader<T> reader,
        boolean readsOwnTime,
        RetryPolicy retry,
        FailurePolicy failurePolicy,
        boolean adoptGroupOffsets,
        Optional<ClusterMove> clusterMove,
        AlarmPolicy alarms,
        List<TelemetryListener> listeners,
        int concurrency,
        long bufferBytes,
        LongSupplier nanoTime) {

    /** The settings of the Kafka client as they are now. */
    ClientProperties clientProperties() {
        return tuning.get().clientProperties();
    }

    /** When a batch is written, as it is now. */
    BatchPolicy batching() {
        return tuning.get().batching();
    }

    /** Where to start without a usable position, as it is now. */
    ResetPolicy resetPolicy() {
        return tuning.get().resetPolicy();
    }
}
