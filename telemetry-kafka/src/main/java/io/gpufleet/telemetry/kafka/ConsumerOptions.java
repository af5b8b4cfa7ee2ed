package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.AlarmPolicy;
import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.FailurePolicy;
import io.gpufleet.telemetry.ResetPolicy;
import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.TelemetryListener;
import io.gpufleet.telemetry.internal.RecordReader;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * The options that a consumer was built with, checked; only the tuning may change. Thread-safe.
 *
 * @param tuning the options that may change while the consumer runs
 * @param subscription the records to read
 * @param target where batches and positions go
 * @param reader how records become deliveries
 * @param policies how failures are treated
 * @param capacity how much is done at once
 * @param listeners the host's listeners
 * @param nanoTime the clock of lingers and waits
 */
record ConsumerOptions<T>(
        CurrentTuning tuning,
        Subscription subscription,
        Target<T> target,
        RecordReader<T> reader,
        Policies policies,
        Capacity capacity,
        List<TelemetryListener> listeners,
        LongSupplier nanoTime) {

    /**
     * The records to read.
     *
     * @param topics the topics
     * @param groupId the consumer group
     * @param adoptGroupOffsets true if the group's committed offsets count where there is no position yet
     * @param clusterMove the host's word that the group leaves another cluster, if it has said so
     */
    record Subscription(
            Set<String> topics, String groupId, boolean adoptGroupOffsets, Optional<ClusterMove> clusterMove) {}

    /**
     * The treatment of failures.
     *
     * @param retry the waits between attempts
     * @param failure when to stop
     * @param alarms when lag and activity are worth an alarm
     */
    record Policies(RetryPolicy retry, FailurePolicy failure, AlarmPolicy alarms) {}

    /**
     * How much is done at once.
     *
     * @param lanes the number of lanes
     * @param bufferBytes the budget of buffered bytes
     */
    record Capacity(int lanes, long bufferBytes) {}

    Set<String> topics() {
        return subscription.topics();
    }

    String groupId() {
        return subscription.groupId();
    }

    boolean adoptGroupOffsets() {
        return subscription.adoptGroupOffsets();
    }

    Optional<ClusterMove> clusterMove() {
        return subscription.clusterMove();
    }

    RetryPolicy retry() {
        return policies.retry();
    }

    FailurePolicy failurePolicy() {
        return policies.failure();
    }

    AlarmPolicy alarms() {
        return policies.alarms();
    }

    int concurrency() {
        return capacity.lanes();
    }

    long bufferBytes() {
        return capacity.bufferBytes();
    }

    /** The settings of the Kafka client as they are now. */
    ClientProperties clientProperties() {
        return tuning.get().clientProperties();
    }

    /** The limits of a batch as they are now. */
    BatchPolicy batching() {
        return tuning.get().batching();
    }

    /** The start without a usable position, as it is set now. */
    ResetPolicy resetPolicy() {
        return tuning.get().resetPolicy();
    }
}
