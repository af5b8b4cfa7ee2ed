package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.kafka.AssignedPartition.Halt;
import io.gpufleet.telemetry.kafka.internal.TopicPartitions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The present partitions of this consumer: begins, ends and restarts their generations, and pauses partitions that must
 * not be fetched. Never calls the database. Owned by the poll thread.
 */
final class Assignments implements ConsumerRebalanceListener {
    private static final Duration REVOKE_LIMIT = Duration.ofSeconds(10);
    private static final Duration COMMIT_LIMIT = Duration.ofSeconds(2);

    /** Shared by all clients: an answer to an earlier client must not pass for an answer to this one. */
    private static final AtomicLong TICKETS = new AtomicLong();

    /** The poll loop as its assignments see it. */
    interface Owner {
        /** Requests positions. */
        void ask(List<PositionRequest> requests);

        /** Drops the requests of revoked partitions. */
        void forget(Set<SourcePartition> partitions);

        /** Waits until no transaction holds one of the partitions, then takes the reports of the lanes. */
        void settle(Set<SourcePartition> partitions, Duration limit);

        /**
         * Called when a partition continues in another log. A client that has seen a leader epoch, in a seek or a
         * commit, accepts no lower one, and would never fetch from a recreated log.
         */
        void logReplaced();
    }

    private final Consumer<byte[], byte[]> consumer;
    private final OffsetCommits commits;
    private final Events events;
    private final int lanes;
    private final Owner owner;
    private final Map<TopicPartition, AssignedPartition> partitions = new LinkedHashMap<>();
    private long nowhere = Long.MAX_VALUE;

    Assignments(Consumer<byte[], byte[]> consumer, OffsetCommits commits, Events events, int lanes, Owner owner) {
        this.consumer = consumer;
        this.commits = commits;
        this.events = events;
        this.lanes = lanes;
        this.owner = owner;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> added) {
        if (added.isEmpty()) {
            return;
        }
        List<AssignedPartition> assigned = new ArrayList<>();
        for (TopicPartition name : added) {
            AssignedPartition partition = new AssignedPartition(name, lanes);
            partitions.put(name, partition);
            assigned.add(partition);
        }
        askFor(assigned, Map.of(), false);
        events.on(new TelemetryEvent.PartitionsAssigned(names(added)));
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
        if (revoked.isEmpty()) {
            return;
        }
        endGenerations(revoked);
        owner.settle(names(revoked), REVOKE_LIMIT);
        commits.commitAndWait(COMMIT_LIMIT);
        remove(revoked, false);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> lost) {
        endGenerations(lost);
        remove(lost, true);
    }

    /** Ends all partitions of a client that is closing. */
    void abandon() {
        Set<TopicPartition> left = Set.copyOf(partitions.keySet());
        if (!left.isEmpty()) {
            onPartitionsLost(left);
        }
    }

    private void endGenerations(Collection<TopicPartition> ended) {
        find(ended).forEach(partition -> partition.generation().ifPresent(Generation::end));
    }

    private void remove(Collection<TopicPartition> removed, boolean lost) {
        commits.forget(removed);
        owner.forget(names(removed));
        partitions.keySet().removeAll(removed);
        events.on(new TelemetryEvent.PartitionsRevoked(names(removed), lost));
    }

    /** Requests the positions of partitions whose topic was recreated or deleted. */
    void restartOthersThan(Map<String, UUID> ids) {
        restartElsewhere(partition -> partition
                .generation()
                .filter(g -> !g.log().topicId().equals(ids.get(g.partition().topic())))
                .isPresent());
    }

    /** Requests the positions of partitions whose generation was ended elsewhere. */
    void restart(List<Generation> ended) {
        restartElsewhere(partition -> ended.stream().anyMatch(partition::isOf));
    }

    /** Returns the partitions whose records are all durable. */
    List<RestingPosition> resting() {
        return partitions.values().stream()
                .flatMap(partition -> partition.resting().stream())
                .toList();
    }

    /** Requests the positions of partitions that were moved at rest, unless they have continued since. */
    void restartMoved(List<RestingPosition> moved) {
        restartElsewhere(
                partition -> partition.resting().filter(moved::contains).isPresent());
    }

    private void restartElsewhere(Predicate<AssignedPartition> chosen) {
        askFor(partitions.values().stream().filter(chosen).toList(), Map.of(), false);
    }

    /**
     * Requests the positions of partitions whose position is outside of the log; {@code divergent} holds the offsets at
     * which logs diverge.
     */
    void restart(Collection<TopicPartition> names, Map<TopicPartition, OffsetAndMetadata> divergent) {
        askFor(find(names).stream().filter(p -> p.halt() == Halt.NONE).toList(), divergent, true);
    }

    /** Requests the position of a partition that has stood still. */
    void restart(AssignedPartition partition) {
        askFor(List.of(partition), Map.of(), false);
    }

    /**
     * Keeps the client from a partition whose generation stays, by a seek to an offset that is never committed and
     * never used twice: the client then drops what it has fetched, without an exception about it.
     */
    void halt(AssignedPartition partition, Halt halt) {
        consumer.pause(Set.of(partition.kafkaName()));
        partition.setPaused(true);
        partition.halt(halt);
        consumer.seek(partition.kafkaName(), nowhere--);
    }

    /** Resumes a partition that was halted for no fault of its own. */
    void goOn(AssignedPartition partition) {
        partition.halt(Halt.NONE);
        consumer.seek(partition.kafkaName(), new OffsetAndMetadata(partition.next()));
    }

    /** Returns the partitions that the client may fetch if their lanes have room. */
    List<AssignedPartition> open() {
        return partitions.values().stream()
                .filter(p -> p.generation().isPresent() && p.halt() == Halt.NONE)
                .toList();
    }

    Set<TopicPartition> names() {
        return partitions.keySet();
    }

    /** Requests positions, and stops the commits of these partitions: their log may be another one by now. */
    private void askFor(
            List<AssignedPartition> restarted, Map<TopicPartition, OffsetAndMetadata> divergent, boolean logDiffers) {
        commits.forget(restarted.stream().map(AssignedPartition::kafkaName).toList());
        List<PositionRequest> requests = new ArrayList<>();
        for (AssignedPartition partition : restarted) {
            consumer.pause(Set.of(partition.kafkaName()));
            partition.setPaused(true);
            // Never committed, but needed: a partition without a position makes the next poll throw, paused or not.
            consumer.seek(partition.kafkaName(), 0);
            OffsetAndMetadata end = divergent.get(partition.kafkaName());
            requests.add(new PositionRequest(
                    partition.partition(),
                    partition.end(TICKETS.incrementAndGet()),
                    end == null ? OptionalLong.empty() : OptionalLong.of(end.offset()),
                    logDiffers));
        }
        if (!requests.isEmpty()) {
            owner.ask(requests);
        }
    }

    /** Begins a generation at the answered position, unless the partition was revoked or a newer request was made. */
    void begin(PositionRequest request, Position position) {
        AssignedPartition partition = partitions.get(TopicPartitions.toKafka(request.partition()));
        if (partition == null || !partition.waitsFor(request)) {
            return;
        }
        if (partition.begin(position)) {
            owner.logReplaced();
        }
        boolean epochIsKnown = position.leaderEpoch() >= 0 && !request.logDiffers();
        Optional<Integer> epoch = epochIsKnown ? Optional.of(position.leaderEpoch()) : Optional.empty();
        consumer.seek(partition.kafkaName(), new OffsetAndMetadata(position.nextOffset(), epoch, ""));
        commits.add(partition);
    }

    void written(List<WrittenRange> ranges) {
        for (WrittenRange written : ranges) {
            AssignedPartition partition =
                    partitions.get(TopicPartitions.toKafka(written.range().partition()));
            if (partition != null && partition.written(written)) {
                commits.add(partition);
            }
        }
    }

    /**
     * Pauses the partitions that are not ready or whose lane is closed, and resumes the others.
     *
     * @return the resumed partitions
     */
    List<TopicPartition> adjustPauses(IntPredicate laneIsClosed) {
        List<TopicPartition> paused = new ArrayList<>();
        List<TopicPartition> resumed = new ArrayList<>();
        for (AssignedPartition partition : partitions.values()) {
            boolean pause = partition.hasToPause(laneIsClosed.test(partition.lane()));
            if (pause != partition.isPaused()) {
                (pause ? paused : resumed).add(partition.kafkaName());
                partition.setPaused(pause);
            }
        }
        consumer.pause(paused);
        consumer.resume(resumed);
        return resumed;
    }

    /** Refuses a client of another cluster than that of every position. */
    void require(ClientCluster cluster) {
        for (AssignedPartition partition : partitions.values()) {
            partition.generation().ifPresent(cluster::require);
        }
    }

    @Nullable
    AssignedPartition find(TopicPartition name) {
        return partitions.get(name);
    }

    List<AssignedPartition> find(Collection<TopicPartition> names) {
        return names.stream().map(partitions::get).filter(Objects::nonNull).toList();
    }

    /** Returns the progress of every partition with a known position. */
    Map<SourcePartition, ConsumerSnapshot.PartitionProgress> progress() {
        Map<SourcePartition, ConsumerSnapshot.PartitionProgress> progress = new HashMap<>();
        for (AssignedPartition partition : partitions.values()) {
            if (partition.generation().isPresent()) {
                OptionalLong behind = partition.halt() == Halt.NONE
                        ? consumer.currentLag(partition.kafkaName())
                        : OptionalLong.empty();
                OptionalLong lag = behind.isEmpty()
                        ? behind
                        : OptionalLong.of(behind.getAsLong() + partition.next() - partition.durable());
                progress.put(
                        partition.partition(),
                        new ConsumerSnapshot.PartitionProgress(partition.durable(), lag, partition.writtenUpTo()));
            }
        }
        return progress;
    }

    private static Set<SourcePartition> names(Collection<TopicPartition> partitions) {
        return partitions.stream().map(TopicPartitions::fromKafka).collect(Collectors.toSet());
    }
}
