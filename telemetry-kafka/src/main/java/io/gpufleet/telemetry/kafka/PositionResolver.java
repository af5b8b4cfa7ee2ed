package io.gpufleet.telemetry.kafka;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Gap;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.PositionChange;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.TransactionalSink;
import io.gpufleet.telemetry.kafka.StartPlan.Known;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out where partitions go on: reads the stored positions, compares them with what the logs hold, and stores the
 * positions that have to be chosen or moved before a record is handed out. Belongs to the thread of
 * {@link PositionKeeper}.
 */
final class PositionResolver {
    private static final Logger log = LoggerFactory.getLogger(BatchingConsumer.class);
    private static final int MOST_ROUNDS = 10;

    private final ConsumerOptions<?> options;
    private final TransactionalSink<?> sink;
    private final TopicAdmin admin;
    private final Events events;
    private final ClusterMoves clusterMoves;
    private final Set<UUID> inspectedLogs = new HashSet<>();

    PositionResolver(ConsumerOptions<?> options, TopicAdmin admin, Events events) {
        this.options = options;
        this.sink = options.sink();
        this.admin = admin;
        this.events = events;
        this.clusterMoves = new ClusterMoves(options.clusterMove(), sink, admin);
    }

    /**
     * Returns the positions of those partitions whose topic exists; none if topics or positions change meanwhile.
     *
     * <p>Whatever was planned counts only if the topics are the same after the positions were read: somebody else may
     * have moved them to a newer log already, which a plan for the older one would undo.
     */
    Map<SourcePartition, Position> resolve(Collection<PositionRequest> requests) {
        Map<SourcePartition, PositionRequest> wanted =
                requests.stream().collect(Collectors.toMap(PositionRequest::partition, request -> request));
        Set<String> names = wanted.keySet().stream().map(SourcePartition::topic).collect(Collectors.toSet());
        ClusterTopics topics = admin.describeInCluster(names);
        inspect(topics.facts());
        Set<SourcePartition> siblings = siblings(topics);
        wanted.keySet().retainAll(siblings);
        Map<SourcePartition, Position> stored = new HashMap<>(sink.positions(siblings));
        for (int round = 0; round < MOST_ROUNDS; round++) {
            List<PositionChange> changes = plan(wanted, topics, siblings, stored);
            if (!admin.describeInCluster(names).equals(topics)) {
                return Map.of();
            }
            if (changes.isEmpty()) {
                stored.keySet().retainAll(wanted.keySet());
                return stored;
            }
            stored.putAll(sink.change(changes));
            report(changes, stored);
        }
        return Map.of();
    }

    /**
     * Returns those of the resting positions that somebody else has moved. The offsets that a group commits, which are
     * the positions of a plain sink, follow behind and cannot be compared.
     */
    List<RestingPosition> moved(Collection<RestingPosition> resting) {
        if (resting.isEmpty() || sink instanceof AtLeastOnceSink) {
            return List.of();
        }
        Map<SourcePartition, Position> stored =
                sink.positions(resting.stream().map(RestingPosition::partition).toList());
        List<RestingPosition> moved = resting.stream()
                .filter(position -> !position.isAt(stored.get(position.partition())))
                .toList();
        moved.forEach(position -> log.info(
                "{}: somebody has moved the stored position from {} to {}",
                position.partition(),
                position.offset(),
                stored.get(position.partition())));
        return moved;
    }

    /** Refuses stored positions of another cluster, unless the host has said that they are to move. */
    void refuseOtherClusters() {
        ClusterTopics topics = admin.describeInCluster(options.topics());
        clusterMoves.due(topics.clusterId(), sink.positions(siblings(topics)));
    }

    /** Refuses topics whose broker overwrites the producers' timestamps, unless the host reads the time elsewhere. */
    void inspect(Map<String, TopicFacts> topics) {
        Set<String> unseen = topics.entrySet().stream()
                .filter(entry -> !inspectedLogs.contains(entry.getValue().id()))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
        if (unseen.isEmpty() || options.readsOwnTime()) {
            return;
        }
        List<String> refused = admin.withLogAppendTime(unseen);
        if (!refused.isEmpty()) {
            throw new TelemetryException("Topic " + refused.get(0) + " has message.timestamp.type=LogAppendTime, which"
                    + " replaces the producers' timestamps: set it to CreateTime, or give the consumer an eventTime(…)"
                    + " that reads the time from the value");
        }
        topics.values().forEach(facts -> inspectedLogs.add(facts.id()));
    }

    private static Set<SourcePartition> siblings(ClusterTopics topics) {
        Set<SourcePartition> all = new HashSet<>();
        topics.facts()
                .forEach((topic, facts) -> IntStream.range(0, facts.partitions())
                        .forEach(number -> all.add(new SourcePartition(topic, number))));
        return all;
    }

    private List<PositionChange> plan(
            Map<SourcePartition, PositionRequest> wanted,
            ClusterTopics topics,
            Set<SourcePartition> siblings,
            Map<SourcePartition, Position> stored) {
        Map<SourcePartition, Position> elsewhere = clusterMoves.due(topics.clusterId(), stored);
        Map<String, Known> known = known(topics, stored);
        Set<SourcePartition> concerned = siblings.stream()
                .filter(p -> wanted.containsKey(p)
                        || elsewhere.containsKey(p)
                        || (known.get(p.topic()) != Known.LOG && !stored.containsKey(p)))
                .collect(Collectors.toSet());
        Map<SourcePartition, Long> adoptable = adoptable(known, concerned, stored);
        List<StartPlan> plans = plans(concerned, topics);
        Map<SourcePartition, OptionalLong> moved = clusterMoves.starts(elsewhere, siblings, plans);
        List<PositionChange> changes = new ArrayList<>();
        for (StartPlan plan : plans) {
            SourcePartition partition = plan.partition();
            Position position = stored.get(partition);
            if (position == null) {
                changes.add(plan.first(
                        offset(adoptable.get(partition)), known.getOrDefault(partition.topic(), Known.NOTHING)));
            } else if (moved.containsKey(partition)) {
                changes.add(plan.moveFrom(position, moved.get(partition)));
            } else {
                plan.next(position, truncatedTo(wanted.get(partition))).ifPresent(changes::add);
            }
        }
        return changes;
    }

    /**
     * Returns the offsets that another consumer of the group has committed for partitions that begin. Ours are marked
     * and never count: after a failover to an older copy of the database they would skip what that copy has lost. A
     * topic that has positions is not adopted again; the positions of a plain sink are the committed offsets
     * themselves.
     */
    private Map<SourcePartition, Long> adoptable(
            Map<String, Known> known, Set<SourcePartition> concerned, Map<SourcePartition, Position> stored) {
        Set<SourcePartition> open = concerned.stream()
                .filter(p -> !stored.containsKey(p))
                .filter(p -> sink instanceof AtLeastOnceSink || !known.containsKey(p.topic()))
                .collect(Collectors.toSet());
        if (!options.adoptGroupOffsets() || open.isEmpty()) {
            return Map.of();
        }
        return admin.committed(options.groupId()).entrySet().stream()
                .filter(entry -> open.contains(entry.getKey()))
                .filter(entry -> CommitMark.read(entry.getValue().metadata()).isEmpty())
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().offset()));
    }

    private List<StartPlan> plans(Set<SourcePartition> partitions, ClusterTopics topics) {
        Map<SourcePartition, Long> beginnings = admin.beginnings(partitions);
        Map<SourcePartition, LogEnd> ends = admin.ends(partitions);
        return partitions.stream()
                .filter(partition -> beginnings.containsKey(partition) && ends.containsKey(partition))
                .map(partition -> new StartPlan(
                        options.resetPolicy(),
                        partition,
                        topics.log(partition.topic()),
                        requireNonNull(beginnings.get(partition)),
                        requireNonNull(ends.get(partition))))
                .toList();
    }

    /** A topic that moves from another cluster counts as this log: nothing of it may be missed. */
    private static Map<String, Known> known(ClusterTopics topics, Map<SourcePartition, Position> stored) {
        Map<String, Known> known = new HashMap<>();
        stored.forEach((partition, position) -> {
            TopicFacts facts = topics.facts().get(partition.topic());
            boolean sameLog = facts != null && facts.id().equals(position.log().topicId());
            boolean moves = !position.log().clusterId().equals(topics.clusterId());
            known.merge(partition.topic(), sameLog || moves ? Known.LOG : Known.NAME, (a, b) -> a == b ? a : Known.LOG);
        });
        return known;
    }

    private static OptionalLong offset(@Nullable Long committed) {
        return committed == null ? OptionalLong.empty() : OptionalLong.of(committed);
    }

    private static OptionalLong truncatedTo(@Nullable PositionRequest request) {
        return request == null ? OptionalLong.empty() : request.truncatedTo();
    }

    private void report(List<PositionChange> changes, Map<SourcePartition, Position> stored) {
        for (PositionChange change : changes) {
            Position now = stored.get(change.partition());
            if (change.gap().isPresent() && now != null && now.isSamePlaceAs(change.replacement())) {
                Gap gap = change.gap().get();
                log.warn(
                        "{}: {}, the position moves from {} to {} without consuming",
                        change.partition(),
                        gap.reason(),
                        gap.from().nextOffset(),
                        gap.to().nextOffset());
                events.on(new TelemetryEvent.GapRecorded(change.partition(), gap));
            }
        }
    }
}
