package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.Health.Concern;
import io.gpufleet.telemetry.Health.Trouble;
import io.gpufleet.telemetry.PartitionLag;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.kafka.internal.TopicAdmin;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The health and the figures of a running consumer, collected from its parts. Thread-safe.
 *
 * @param parts lanes, positions, budget and counters
 * @param polling the partitions and their progress
 * @param watch the topics
 * @param admin the questions to the cluster
 * @param lagWatch the lag
 */
record ConsumerStatus(
        ConsumerParts<?> parts, Polling<?> polling, TopicWatch watch, TopicAdmin admin, LagWatch lagWatch) {

    ConsumerSnapshot snapshot() {
        BufferBudget budget = parts.budget();
        Map<SourcePartition, PartitionLag.OpenTransaction> open = lagWatch.openTransactions();
        Map<SourcePartition, ConsumerSnapshot.PartitionProgress> partitions = new HashMap<>(polling.progress());
        partitions.replaceAll((partition, progress) -> progress.with(Optional.ofNullable(open.get(partition))));
        return new ConsumerSnapshot(
                partitions, budget.used(), budget.peak(), parts.events().counts());
    }

    Health health() {
        List<Trouble> troubles = new ArrayList<>();
        parts.lanes().forEach(lane -> lane.trouble().ifPresent(troubles::add));
        parts.keeper().trouble().ifPresent(troubles::add);
        polling.unconnected().ifPresent(troubles::add);
        watch.trouble().ifPresent(troubles::add);
        admin.trouble().map(reason -> new Trouble(Concern.TOPIC, reason)).ifPresent(troubles::add);
        troubles.addAll(lagWatch.troubles());
        polling.start().ifPresent(troubles::add);
        polling.trouble().ifPresent(troubles::add);
        troubles.addAll(polling.stalls());
        return new Health(troubles.stream().distinct().toList());
    }
}
