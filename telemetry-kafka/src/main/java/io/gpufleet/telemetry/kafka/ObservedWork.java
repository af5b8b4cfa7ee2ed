package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.SourcePartition;
import java.time.Duration;
import java.util.Map;

/**
 * The work of a consumer, by which its lag is judged. Thread-safe.
 *
 * @param options the linger
 * @param parts the buffer and the counters
 * @param polling the partitions and their progress
 */
record ObservedWork(ConsumerOptions<?> options, ConsumerParts<?> parts, Polling<?> polling)
        implements LagWatch.Subject {

    @Override
    public Map<SourcePartition, ConsumerSnapshot.PartitionProgress> progress() {
        return polling.progress();
    }

    @Override
    public ActivityAlarm.Work work() {
        ConsumerSnapshot.Counts counts = parts.events().counts();
        boolean hasPartitions = !polling.progress().isEmpty();
        return new ActivityAlarm.Work(
                hasPartitions,
                counts.recordsPolled(),
                counts.batches(),
                parts.budget().records());
    }

    @Override
    public Duration linger() {
        return options.batching().linger();
    }
}
