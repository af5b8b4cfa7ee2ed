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
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
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

    PositionResolver(ConsumerOptions<?> options, TopicAdmin admin, Events events) {
        this.options = options;
        this.sink = options.sink();
        this.admin = admin;
        this.events = events;
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
        Map<String, TopicFacts> topics = admin.describeSettled(names);
        inspect(topics);
        Set<SourcePartition> siblings = siblings(topics);
        wanted.keySet().retainAll(siblings);
        Map<SourcePartition, Position> stored = new HashMap<>(sink.positions(siblings));
        for (int round = 0; round < MOST_ROUNDS; round++) {
            List<PositionChange> changes = plan(wanted, topics, siblings, stored);
            if (!admin.describeSettled(names).equals(topics)) {
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

    private static Set<SourcePartition> siblings(Map<String, TopicFacts> topics) {
        Set<SourcePartition> all = new HashSet<>();
        topics.forEach((topic, facts) ->
                IntStream.range(0, facts.partitions()).forEach(number -> all.add(new SourcePartition(topic, number))));
        return all;
    }

    private List<PositionChange> plan(
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
        for (StartPlan plan : plans(concerned, topics)) {
            Position position = stored.get(plan.partition());
            if (position == null) {
                Known topic = known.getOrDefault(plan.partition().topic(), Known.NOTHING);
                changes.add(plan.first(offset(committed.get(plan.partition())), topic));
            } else {
                plan.next(position, truncatedTo(wanted.get(plan.partition()))).ifPresent(changes::add);
            }
        }
        return changes;
    }

    private List<StartPlan> plans(Set<SourcePartition> partitions, Map<String, TopicFacts> topics) {
        Map<SourcePartition, Long> beginnings = admin.beginnings(partitions);
        Map<SourcePartition, LogEnd> ends = admin.ends(partitions);
        return partitions.stream()
                .filter(partition -> beginnings.containsKey(partition) && ends.containsKey(partition))
                .map(partition -> new StartPlan(
                        options.resetPolicy(),
                        partition,
                        requireNonNull(topics.get(partition.topic())).id(),
                        requireNonNull(beginnings.get(partition)),
                        requireNonNull(ends.get(partition))))
                .toList();
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
