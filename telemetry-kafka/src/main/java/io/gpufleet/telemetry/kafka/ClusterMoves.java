package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.TransactionalSink;
import io.gpufleet.telemetry.kafka.internal.TopicAdmin;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The rule for positions of another cluster: they are refused, unless the host has declared that the group leaves that
 * cluster. Two consumers of two clusters would otherwise take the positions from each other for ever.
 *
 * <p>A group continues by time in the other cluster, because a mirror has the same records in the same order at other
 * offsets. Belongs to the thread of {@link PositionKeeper}.
 */
final class ClusterMoves {
    private final Optional<ClusterMove> wanted;
    private final TransactionalSink<?> sink;
    private final TopicAdmin admin;

    ClusterMoves(Optional<ClusterMove> wanted, TransactionalSink<?> sink, TopicAdmin admin) {
        this.wanted = wanted;
        this.sink = sink;
        this.admin = admin;
    }

    /**
     * Returns the positions to move to this cluster.
     *
     * @throws TelemetryException if one belongs to a cluster that the host has not named
     */
    Map<SourcePartition, Position> due(String cluster, Map<SourcePartition, Position> stored) {
        Map<SourcePartition, Position> elsewhere = new TreeMap<>();
        stored.forEach((partition, position) -> {
            String other = position.log().clusterId();
            if (!other.equals(cluster)) {
                if (wanted.filter(move -> move.from().equals(other)).isEmpty()) {
                    throw refusal(partition, other, cluster);
                }
                elsewhere.put(partition, position);
            }
        });
        return elsewhere;
    }

    private static TelemetryException refusal(SourcePartition partition, String other, String cluster) {
        return new TelemetryException("Stored position of " + partition + " belongs to Kafka cluster " + other
                + ", but the brokers are cluster " + cluster
                + ": one group cannot consume two clusters into one database. Connect to cluster " + other
                + ", or choose another group or database, or, if the group leaves that cluster for good, call"
                + " moveCluster(\"" + other + "\") or run: operator offsets move-cluster --from " + other);
    }

    /** Returns the start of moving partitions; absent for a log whose records are all older. */
    Map<SourcePartition, OptionalLong> starts(
            Map<SourcePartition, Position> elsewhere, Set<SourcePartition> siblings, Collection<StartPlan> plans) {
        if (elsewhere.isEmpty()) {
            return Map.of();
        }
        Duration margin = wanted.orElseThrow().margin();
        Map<SourcePartition, Instant> since = new HashMap<>();
        times(elsewhere.keySet(), siblings).forEach((partition, time) -> since.put(partition, time.minus(margin)));
        since.keySet().retainAll(plans.stream().map(StartPlan::partition).toList());
        Map<SourcePartition, Long> offsets = admin.firstSince(since);
        return plans.stream()
                .filter(plan -> elsewhere.containsKey(plan.partition()))
                .collect(Collectors.toMap(
                        StartPlan::partition,
                        plan -> start(plan, since.containsKey(plan.partition()), offsets.get(plan.partition()))));
    }

    private static OptionalLong start(StartPlan plan, boolean isTimeKnown, @Nullable Long offset) {
        if (!isTimeKnown) {
            return OptionalLong.of(plan.beginning());
        }
        return offset == null ? OptionalLong.empty() : OptionalLong.of(offset);
    }

    /** Returns the times that moving partitions have reached, where known. */
    private Map<SourcePartition, Instant> times(Set<SourcePartition> moving, Set<SourcePartition> siblings) {
        Map<SourcePartition, Instant> newest = sink.newestRecords(moving);
        Map<SourcePartition, Instant> times = new HashMap<>();
        siblings.stream()
                .collect(Collectors.groupingBy(SourcePartition::topic))
                .values()
                .forEach(topic -> times.putAll(timesOf(topic, moving, newest)));
        return times;
    }

    /**
     * Returns the times by partition. If the clusters have different partitions, a record may lie in any of them: then
     * the partition that is farthest behind counts for all, and nothing is known if the other cluster had partitions
     * that this one lacks.
     */
    private Map<SourcePartition, Instant> timesOf(
            List<SourcePartition> topic, Set<SourcePartition> moving, Map<SourcePartition, Instant> newest) {
        List<SourcePartition> both = topic.stream().filter(moving::contains).toList();
        List<SourcePartition> known = both.stream().filter(newest::containsKey).toList();
        if (hadMorePartitions(topic)) {
            return Map.of();
        }
        if (both.size() == topic.size()) {
            return known.stream().collect(Collectors.toMap(partition -> partition, newest::get));
        }
        Optional<Instant> oldest = known.stream().map(newest::get).min(Comparator.naturalOrder());
        return known.size() == both.size() && oldest.isPresent()
                ? both.stream().collect(Collectors.toMap(partition -> partition, partition -> oldest.get()))
                : Map.of();
    }

    private boolean hadMorePartitions(List<SourcePartition> topic) {
        SourcePartition next = new SourcePartition(topic.get(0).topic(), topic.size());
        return !sink.positions(List.of(next)).isEmpty();
    }
}
