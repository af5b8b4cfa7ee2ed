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
import io.gpufleet.telemetry.kafka.TopicAdmin.ClusterException;
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
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.errors.AuthenticationException;
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
    private final Set<UUID> inspectedLogs = new HashSet<>();
    private final Set<String> knownTopics = new HashSet<>();

    PositionResolver(ConsumerOptions<?> options, TopicAdmin admin, Events events) {
        this.options = options;
        this.sink = options.sink();
        this.admin = admin;
        this.events = events;
    }

    /**
     * Returns the positions of those partitions whose topic exists and which can be asked; none if topics or positions
     * change meanwhile.
     *
     * <p>Whatever was planned counts only if the topics are the same after the positions were read: somebody else may
     * have moved them to a newer log already, which a plan for the older one would undo.
     *
     * @throws ClusterException if a topic was refused ever since the start, or the cluster refuses everything
     */
    Resolution resolve(Collection<PositionRequest> requests) {
        Map<SourcePartition, PositionRequest> wanted =
                requests.stream().collect(Collectors.toMap(PositionRequest::partition, request -> request));
        Set<String> names = wanted.keySet().stream().map(SourcePartition::topic).collect(Collectors.toSet());
        Answers<String, TopicFacts> topics = topics(names);
        Set<SourcePartition> siblings = siblings(topics.known());
        wanted.keySet().retainAll(siblings);
        Map<SourcePartition, Position> stored = new HashMap<>(sink.positions(siblings));
        List<ClusterException> failures = new ArrayList<>(topics.failures().values());
        for (int round = 0; round < MOST_ROUNDS; round++) {
            Round planned = plan(wanted, topics.known(), siblings, stored);
            if (!admin.describeSettled(topics.known().keySet()).known().equals(topics.known())) {
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

    /** Describes the topics and inspects them, each for itself. */
    private Answers<String, TopicFacts> topics(Set<String> names) {
        Answers<String, TopicFacts> described = admin.describeSettled(names);
        described.failures().forEach((topic, failure) -> require(knownTopics.contains(topic), failure));
        Map<String, ClusterException> failures = new HashMap<>(described.failures());
        failures.putAll(inspect(described.known()));
        Map<String, TopicFacts> usable = new HashMap<>(described.known());
        usable.keySet().removeAll(failures.keySet());
        return new Answers<>(usable, failures);
    }

    /** Passes a failure on, unless it concerns nothing but one topic or partition, and may have an end. */
    private static void require(boolean wasUsable, ClusterException failure) {
        if (!wasUsable || failure.getCause() instanceof AuthenticationException) {
            throw failure;
        }
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

    /**
     * Refuses topics whose broker overwrites the producers' timestamps, unless the host reads the time elsewhere.
     *
     * @return why the settings of some topics are not known
     */
    Map<String, ClusterException> inspect(Map<String, TopicFacts> topics) {
        knownTopics.addAll(topics.keySet());
        Set<String> unseen = topics.entrySet().stream()
                .filter(entry -> !inspectedLogs.contains(entry.getValue().id()))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
        if (unseen.isEmpty() || options.readsOwnTime()) {
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

    private static Set<SourcePartition> siblings(Map<String, TopicFacts> topics) {
        Set<SourcePartition> all = new HashSet<>();
        topics.forEach((topic, facts) ->
                IntStream.range(0, facts.partitions()).forEach(number -> all.add(new SourcePartition(topic, number))));
        return all;
    }

    /** What is to be changed, and the partitions of which that is not known. */
    private record Round(List<PositionChange> changes, Map<SourcePartition, ClusterException> failures) {}

    private Round plan(
            Map<SourcePartition, PositionRequest> wanted,
            Map<String, TopicFacts> topics,
            Set<SourcePartition> siblings,
            Map<SourcePartition, Position> stored) {
        Map<String, Known> known = known(topics, stored);
        Set<SourcePartition> concerned = siblings.stream()
                .filter(p -> wanted.containsKey(p) || (known.get(p.topic()) != Known.LOG && !stored.containsKey(p)))
                .collect(Collectors.toSet());
        boolean allStored = stored.keySet().containsAll(concerned);
        Map<SourcePartition, OffsetAndMetadata> committed =
                options.adoptGroupOffsets() && !allStored ? admin.committed(options.groupId()) : Map.of();
        List<PositionChange> changes = new ArrayList<>();
        Answers<SourcePartition, StartPlan> plans = plans(concerned, topics);
        for (StartPlan plan : plans.known().values()) {
            Position position = stored.get(plan.partition());
            if (position == null) {
                Known topic = known.getOrDefault(plan.partition().topic(), Known.NOTHING);
                changes.add(plan.first(offset(committed.get(plan.partition())), topic));
            } else {
                plan.next(position, truncatedTo(wanted.get(plan.partition()))).ifPresent(changes::add);
            }
        }
        return new Round(changes, new HashMap<>(plans.failures()));
    }

    private Answers<SourcePartition, StartPlan> plans(Set<SourcePartition> partitions, Map<String, TopicFacts> topics) {
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
                                requireNonNull(topics.get(partition.topic())).id(),
                                requireNonNull(beginnings.known().get(partition)),
                                end)));
        return new Answers<>(plans, failures);
    }

    private static Map<String, Known> known(Map<String, TopicFacts> topics, Map<SourcePartition, Position> stored) {
        Map<String, Known> known = new HashMap<>();
        stored.forEach((partition, position) -> {
            TopicFacts facts = topics.get(partition.topic());
            boolean sameLog = facts != null && facts.id().equals(position.topicId());
            known.merge(partition.topic(), sameLog ? Known.LOG : Known.NAME, (a, b) -> a == b ? a : Known.LOG);
        });
        return known;
    }

    private static OptionalLong offset(@Nullable OffsetAndMetadata committed) {
        return committed == null ? OptionalLong.empty() : OptionalLong.of(committed.offset());
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
