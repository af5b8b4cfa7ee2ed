package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.Health.Concern;
import io.gpufleet.telemetry.Health.Trouble;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryEvent.Stall;
import io.gpufleet.telemetry.kafka.AssignedPartition.Halt;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;

/**
 * The partitions that make polls fail. Each stands still by itself, with its earlier records written, and is retried
 * now and then from its stored position; the others continue. Time is passed in. Owned by the poll thread;
 * {@link #troubles} is called by any.
 */
final class StalledPartitions {

    private final Assignments assignments;
    private final Events events;
    private final Advice advice;
    private final ReadTopics topics;
    private final SuspectSearch search = new SuspectSearch();
    private final Map<TopicPartition, StalledPartition> stalled = new LinkedHashMap<>();
    private String searching = "";
    private volatile List<Trouble> troubles = List.of();

    StalledPartitions(Assignments assignments, Events events, Advice advice, ReadTopics topics) {
        this.assignments = assignments;
        this.events = events;
        this.advice = advice;
        this.topics = topics;
    }

    /** Retries due partitions, before a poll. */
    void tryAgain(long nowNanos) {
        forgetOthers();
        for (StalledPartition partition : List.copyOf(stalled.values())) {
            if (partition.isDue(nowNanos) && !search.isUnderWay()) {
                assignments.restart(partition.assigned());
            }
            if (partition.isGood(nowNanos)) {
                resumed(partition);
            }
        }
        search.next(nowNanos).ifPresent(step -> {
            suspects(step.close(), Halt.NONE).forEach(partition -> assignments.halt(partition, Halt.WAITING));
            suspects(step.open(), Halt.WAITING).forEach(assignments::goOn);
        });
        publish();
    }

    /** Returns the partitions that are still assigned, and unchanged since the search. */
    private List<AssignedPartition> suspects(List<TopicPartition> names, Halt halt) {
        return assignments.find(names).stream()
                .filter(partition -> partition.halt() == halt && !stalled.containsKey(partition.kafkaName()))
                .toList();
    }

    /** Forgets revoked partitions, even if they were assigned again since. */
    private void forgetOthers() {
        stalled.values()
                .removeIf(partition -> assignments.find(partition.assigned().kafkaName()) != partition.assigned());
    }

    /** Notes partitions that may be fetched from now on. */
    void opened(Collection<TopicPartition> names, long nowNanos) {
        topics.opened(names, nowNanos);
    }

    /** Evaluates the records of a poll. */
    void polled(ConsumerRecords<byte[], byte[]> records) {
        discarded();
        Set<TopicPartition> names = records.nextOffsets().keySet();
        topics.read(names);
        if (!stalled.isEmpty()) {
            List.copyOf(stalled.values()).stream()
                    .filter(partition -> names.contains(partition.assigned().kafkaName()))
                    .forEach(this::resumed);
        }
    }

    /** Ends discarding: one poll is enough for the client to drop its records of a moved partition. */
    private void discarded() {
        stalled.values().stream()
                .map(StalledPartition::assigned)
                .filter(partition -> partition.halt() == Halt.DISCARDING)
                .forEach(partition -> partition.halt(Halt.WAITING));
    }

    /** Handles the exception of a poll, and rethrows it unless it is a partition's fault. */
    void failed(RuntimeException failure, long nowNanos) {
        forgetOthers();
        discarded();
        PollFailure whose = PollFailure.of(failure, assignments.names());
        Stall stall = whose.stall().orElseThrow(() -> failure);
        if (stall == Stall.FORBIDDEN) {
            requireRightsBefore(whose.partitions(), failure, nowNanos);
        }
        boolean isNamed = stall == Stall.FORBIDDEN || !whose.partitions().isEmpty();
        Collection<TopicPartition> names = isNamed ? whose.partitions() : searched(failure);
        for (TopicPartition name : names) {
            AssignedPartition partition = assignments.find(name);
            if (partition != null) {
                failed(partition, stall, failure, nowNanos);
            }
        }
        publish();
    }

    /** Throws if a right never existed, which is a mistake that ends the start. */
    private void requireRightsBefore(Set<TopicPartition> partitions, RuntimeException failure, long nowNanos) {
        if (partitions.stream().anyMatch(name -> !topics.contains(name.topic(), nowNanos))) {
            throw failure;
        }
    }

    /** Returns the suspects of a failure that names no partition: the retried partitions, or one of all. */
    private List<TopicPartition> searched(RuntimeException failure) {
        List<AssignedPartition> open = assignments.open();
        List<TopicPartition> tried = open.stream()
                .map(AssignedPartition::kafkaName)
                .filter(stalled::containsKey)
                .toList();
        if (!tried.isEmpty()) {
            return tried;
        }
        if (open.isEmpty()) {
            throw failure;
        }
        List<TopicPartition> names =
                open.stream().map(AssignedPartition::kafkaName).toList();
        Optional<TopicPartition> found = search.failed(names);
        if (found.isEmpty()) {
            searching = "standstill: one of " + names.size() + " partitions cannot be read, searching for it: "
                    + lastWords(failure);
            open.forEach(partition -> assignments.halt(partition, Halt.WAITING));
        }
        return found.stream().toList();
    }

    private void failed(AssignedPartition partition, Stall stall, RuntimeException failure, long nowNanos) {
        StalledPartition before = stalled.get(partition.kafkaName());
        if (partition.generation().isEmpty() || (before != null && partition.halt() != Halt.NONE)) {
            // The client's buffered records of the partition are useless, and so are its exceptions about them.
            assignments.halt(partition, partition.halt());
            return;
        }
        assignments.halt(partition, stall == Stall.UNREADABLE ? Halt.DISCARDING : Halt.WAITING);
        String reason = advice.stalled(partition.partition(), partition.next(), stall, lastWords(failure));
        StalledPartition now = before == null
                ? StalledPartition.first(partition, stall, reason, nowNanos)
                : before.again(stall, reason, nowNanos);
        stalled.put(partition.kafkaName(), now);
        if (before == null || !before.isSameAs(now)) {
            events.on(new TelemetryEvent.PartitionStalled(partition.partition(), partition.next(), stall, reason));
        }
    }

    private static String lastWords(Throwable failure) {
        Throwable last = failure;
        while (last.getCause() != null) {
            last = last.getCause();
        }
        return String.valueOf(last.getMessage());
    }

    private void resumed(StalledPartition partition) {
        AssignedPartition assigned = partition.assigned();
        stalled.remove(assigned.kafkaName());
        events.on(new TelemetryEvent.PartitionResumed(assigned.partition(), partition.stall()));
        publish();
    }

    private void publish() {
        if (stalled.isEmpty() && !search.isUnderWay() && troubles.isEmpty()) {
            return;
        }
        List<Trouble> now = new ArrayList<>();
        stalled.values().forEach(partition -> now.add(partition.trouble()));
        if (search.isUnderWay()) {
            now.add(new Trouble(Concern.PARTITION, searching));
        }
        troubles = List.copyOf(now);
    }

    /** Returns the partitions that stand still, with place, reason and advice. */
    List<Trouble> troubles() {
        return troubles;
    }
}
