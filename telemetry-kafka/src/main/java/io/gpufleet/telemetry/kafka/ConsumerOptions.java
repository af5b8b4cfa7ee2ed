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
 * @param target the sink, and the place of the positions
 * @param reader the reader that turns records into deliveries
 * @param policies the treatment of failures
 * @param capacity the lanes and the buffer
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
     * @param clusterMove the host's declaration that the group leaves another cluster, if there is one
     */
    record Subscription(
            Set<String> topics, String groupId, boolean adoptGroupOffsets, Optional<ClusterMove> clusterMove) {}

    /**
     * The treatment of failures.
     *
     * @param retry the waits between attempts
     * @param failure the limits at which the consumer stops
     * @param alarms the thresholds of lag and activity
     */
    record Policies(RetryPolicy retry, FailurePolicy failure, AlarmPolicy alarms) {}

    /**
     * The lanes and the buffer.
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

    /** Returns the present settings of the Kafka client. */
    ClientProperties clientProperties() {
        return tuning.get().clientProperties();
    }

    /** Returns the present limits of a batch. */
    BatchPolicy batching() {
        return tuning.get().batching();
    }

    /** Returns the present start without a usable position. */
    ResetPolicy resetPolicy() {
        return tuning.get().resetPolicy();
    }
}
