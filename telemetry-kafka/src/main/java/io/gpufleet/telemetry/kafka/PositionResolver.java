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
import io.gpufleet.telemetry.kafka.internal.Answers;
import io.gpufleet.telemetry.kafka.internal.LogEnd;
import io.gpufleet.telemetry.kafka.internal.TopicAdmin;
import io.gpufleet.telemetry.kafka.internal.TopicAdmin.ClusterException;
import io.gpufleet.telemetry.kafka.internal.TopicFacts;
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
import org.apache.kafka.common.errors.AuthenticationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The resolver of the offsets at which partitions continue: reads the stored positions, compares them with the logs,
 * and stores chosen or moved positions before a record is handed out. Belongs to the thread of {@link PositionKeeper}.
 */
final class PositionResolver {
    private static final Logger log = LoggerFactory.getLogger(PositionResolver.class);
    private static final int MOST_ROUNDS = 10;

    private final ConsumerOptions<?> options;
    private final TransactionalSink<?> sink;
    private final TopicAdmin admin;
    private final Events events;
    private final ClusterMoves clusterMoves;
    private final Set<UUID> inspectedLogs = new HashSet<>();
    private final Set<String> knownTopics = new HashSet<>();

    PositionResolver(ConsumerOptions<?> options, TransactionalSink<?> sink, TopicAdmin admin, Events events) {
        this.options = options;
        this.sink = sink;
        this.admin = admin;
        this.events = events;
        this.clusterMoves = new ClusterMoves(options.clusterMove(), sink, admin);
    }

    /**
     * Returns the positions of partitions whose topic exists and answers; none if topics or positions change meanwhile.
     *
     * <p>A plan counts only if the topics are unchanged after the positions were read: another consumer may have moved
     * them to a newer log already, and a plan for the older log would undo the move.
     *
     * @throws ClusterException if a topic has been refused since the start, or the cluster refuses everything
     */
    Resolution resolve(Collection<PositionRequest> requests) {
        Map<SourcePartition, PositionRequest> wanted =
                requests.stream().collect(Collectors.toMap(PositionRequest::partition, request -> request));
        Set<String> names = wanted.keySet().stream().map(SourcePartition::topic).collect(Collectors.toSet());
        Answers<String, TopicFacts> answers = topics(names);
        ClusterTopics topics = new ClusterTopics(admin.clusterId(), answers.known());
        Set<SourcePartition> siblings = siblings(topics);
        wanted.keySet().retainAll(siblings);
        Map<SourcePartition, Position> stored = new HashMap<>(sink.positions(siblings));
        List<ClusterException> failures = new ArrayList<>(answers.failures().values());
        for (int round = 0; round < MOST_ROUNDS; round++) {
            Round planned = plan(wanted, topics, siblings, stored);
            if (!isStill(topics)) {
                return Resolution.of(Map.of(), failures);
            }
            if (planned.changes().isEmpty()) {
                stored.keySet().retainAll(wanted.keySet());
                stored.keySet().removeAll(planned.failures().keySet());
                planned.failures().keySet().retainAll(wanted.keySet());
                failures.addAll(planned.failures().values());
                return Resolution.of(stored, failures);
            }
            stored.putAll(sink.change(planned.changes()));
            report(planned.changes(), stored);
        }
        return Resolution.of(Map.of(), failures);
    }

    private boolean isStill(ClusterTopics topics) {
        return admin.clusterId().equals(topics.clusterId())
                && admin.describeSettled(topics.facts().keySet()).known().equals(topics.facts());
    }

    /** Describes and inspects the topics, each by itself. */
    private Answers<String, TopicFacts> topics(Set<String> names) {
        Answers<String, TopicFacts> described = admin.describeSettled(names);
        described.failures().forEach((topic, failure) -> require(knownTopics.contains(topic), failure));
        Map<String, ClusterException> failures = new HashMap<>(described.failures());
        failures.putAll(inspect(described.known()));
        Map<String, TopicFacts> usable = new HashMap<>(described.known());
        usable.keySet().removeAll(failures.keySet());
        return new Answers<>(usable, failures);
    }

    /** Throws a failure, unless it concerns one topic or partition only and may pass. */
    private static void require(boolean wasUsable, ClusterException failure) {
        if (!wasUsable || failure.getCause() instanceof AuthenticationException) {
            throw failure;
        }
    }

    /**
     * Returns the resting positions moved by another client. Committed offsets, the positions of a plain sink, follow
     * behind the writes and cannot be compared.
     */
    List<RestingPosition> moved(Collection<RestingPosition> resting) {
        if (resting.isEmpty() || options.target().commitsOffsets()) {
            return List.of();
        }
        Map<SourcePartition, Position> stored =
                sink.positions(resting.stream().map(RestingPosition::partition).toList());
        List<RestingPosition> moved = resting.stream()
                .filter(position -> !position.isAt(stored.get(position.partition())))
                .toList();
        moved.forEach(position -> log.info(
                "{}: stored position moved by another client from offset {} to {}",
                position.partition(),
                position.offset(),
                place(stored.get(position.partition()), position)));
        return moved;
    }

    private static String place(@Nullable Position stored, RestingPosition before) {
        if (stored == null) {
            return "none";
        }
        String offset = "offset " + stored.nextOffset();
        return stored.log().equals(before.generation().log()) ? offset : offset + " of topic " + stored.log();
    }

    /** Refuses stored positions of another cluster, unless the host has declared their move. */
    void refuseOtherClusters() {
        Map<String, TopicFacts> facts = admin.describe(options.topics());
        ClusterTopics topics = new ClusterTopics(admin.clusterId(), facts);
        clusterMoves.due(topics.clusterId(), sink.positions(siblings(topics)));
    }

    /**
     * Refuses topics whose broker overwrites the producers' timestamps, unless the host reads the time elsewhere.
     *
     * @return the failures of topics with unknown settings
     */
    Map<String, ClusterException> inspect(Map<String, TopicFacts> topics) {
        knownTopics.addAll(topics.keySet());
        Set<String> unseen = topics.entrySet().stream()
                .filter(entry -> !inspectedLogs.contains(entry.getValue().id()))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
        if (unseen.isEmpty() || !options.reader().readsRecordTimestamp()) {
            return Map.of();
        }
        Answers<String, Boolean> answers = admin.logAppendTime(unseen);
        answers.known().forEach((topic, isLogAppendTime) -> {
            if (isLogAppendTime) {
                throw new TelemetryException("Topic " + topic + " has message.timestamp.type=LogAppendTime, which"
                        + " replaces the producers' timestamps: set it to CreateTime, or give the consumer an"
                        + " eventTime(…) that reads the time from the value");
            }
            inspectedLogs.add(requireNonNull(topics.get(topic)).id());
        });
        return answers.failures();
    }

    private static Set<SourcePartition> siblings(ClusterTopics topics) {
        Set<SourcePartition> all = new HashSet<>();
        topics.facts()
                .forEach((topic, facts) -> IntStream.range(0, facts.partitions())
                        .forEach(number -> all.add(new SourcePartition(topic, number))));
        return all;
    }

    /** The planned changes, and the failures of partitions without a plan. */
    private record Round(List<PositionChange> changes, Map<SourcePartition, ClusterException> failures) {}

    private Round plan(
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
        Answers<SourcePartition, StartPlan> plans = plans(concerned, topics);
        if (!adoptable.isEmpty()) {
            plans.all();
        }
        Map<SourcePartition, OptionalLong> moved =
                clusterMoves.starts(elsewhere, siblings, plans.known().values());
        List<PositionChange> changes = new ArrayList<>();
        for (StartPlan plan : plans.known().values()) {
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
        return new Round(changes, new HashMap<>(plans.failures()));
    }

    /**
     * Returns the offsets that another consumer of the group has committed for partitions that begin. Offsets of this
     * SDK are marked and never count: after a failover to an older copy of the database they would skip records that
     * this copy has lost. A topic with positions is not adopted again, so all of its partitions are adopted at once;
     * the positions of a plain sink are the committed offsets themselves.
     */
    private Map<SourcePartition, Long> adoptable(
            Map<String, Known> known, Set<SourcePartition> concerned, Map<SourcePartition, Position> stored) {
        Set<SourcePartition> open = concerned.stream()
                .filter(p -> !stored.containsKey(p))
                .filter(p -> options.target().commitsOffsets() || !known.containsKey(p.topic()))
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

    private Answers<SourcePartition, StartPlan> plans(Set<SourcePartition> partitions, ClusterTopics topics) {
        Answers<SourcePartition, Long> beginnings = admin.beginnings(partitions);
        Answers<SourcePartition, LogEnd> ends = admin.ends(beginnings.known().keySet());
        Map<SourcePartition, ClusterException> failures = new HashMap<>(beginnings.failures());
        failures.putAll(ends.failures());
        failures.values().forEach(failure -> require(true, failure));
        Map<SourcePartition, StartPlan> plans = new HashMap<>();
        ends.known()
                .forEach((partition, end) -> plans.put(
                        partition,
                        new StartPlan(
                                options.resetPolicy(),
                                partition,
                                topics.log(partition.topic()),
                                requireNonNull(beginnings.known().get(partition)),
                                end)));
        return new Answers<>(plans, failures);
    }

    /**
     * Returns the group's knowledge of each topic. A topic that moves from another cluster counts as this log: no
     * record of it may be missed.
     */
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
