package io.gpufleet.telemetry.kafka;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/**
 * The search for the one partition of many by which polls fail without a name: those that were open when a poll failed
 * are closed, and opened again half by half, each for a moment before the next is added. Time is passed in. Belongs to
 * the poll thread.
 */
final class SuspectSearch {
    private static final Duration MOMENT = Duration.ofSeconds(1);

    private final Deque<List<TopicPartition>> closed = new ArrayDeque<>();
    private long openedAtNanos;

    /**
     * Takes a failure.
     *
     * @param open the partitions that were open, at least one
     * @return the partition that it was, absent if there are several: then all of them have to be closed
     */
    Optional<TopicPartition> failed(Collection<TopicPartition> open, long nowNanos) {
        List<TopicPartition> suspects = List.copyOf(open);
        openedAtNanos = nowNanos - MOMENT.toNanos();
        if (suspects.size() == 1) {
            return Optional.of(suspects.get(0));
        }
        int half = suspects.size() / 2;
        closed.push(suspects.subList(0, half));
        closed.push(suspects.subList(half, suspects.size()));
        return Optional.empty();
    }

    /** Returns the partitions that are to be opened now. */
    List<TopicPartition> toOpen(long nowNanos) {
        if (closed.isEmpty() || nowNanos - openedAtNanos < MOMENT.toNanos()) {
            return List.of();
        }
        openedAtNanos = nowNanos;
        return closed.pop();
    }

    /** Tells whether partitions are closed that may be good. */
    boolean isUnderWay() {
        return !closed.isEmpty();
    }

    /** Forgets partitions that go on elsewhere. */
    void forget(Set<TopicPartition> gone) {
        List<List<TopicPartition>> groups = List.copyOf(closed);
        closed.clear();
        groups.forEach(group -> {
            List<TopicPartition> left =
                    group.stream().filter(name -> !gone.contains(name)).toList();
            if (!left.isEmpty()) {
                closed.add(left);
            }
        });
    }
}
