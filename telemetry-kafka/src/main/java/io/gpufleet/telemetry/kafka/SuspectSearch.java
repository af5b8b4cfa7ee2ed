package io.gpufleet.telemetry.kafka;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;

/**
 * The search for the partition, among many, that makes polls fail without being named: the partitions open at the
 * failure are closed, and reopened half by half, each half alone and for a moment. Time is passed in. Belongs to the
 * poll thread.
 */
final class SuspectSearch {
    private static final Duration MOMENT = Duration.ofSeconds(1);
    private static final Duration LONGEST_MOMENT = Duration.ofSeconds(16);

    /** The next step of the search. Immutable. */
    record Step(List<TopicPartition> close, List<TopicPartition> open) {}

    private final Deque<List<TopicPartition>> suspects = new ArrayDeque<>();
    private final List<TopicPartition> good = new ArrayList<>();
    private List<TopicPartition> tried = List.of();
    private long triedSinceNanos;
    private Duration moment = MOMENT;
    private boolean found;

    /**
     * Evaluates a failed poll.
     *
     * @param open the partitions that were open, at least one
     * @return the partition at fault, absent if there are several suspects: then all of them must be closed
     */
    Optional<TopicPartition> failed(Collection<TopicPartition> open) {
        tried = List.of();
        List<TopicPartition> all = List.copyOf(open);
        if (all.size() == 1) {
            found = true;
            return Optional.of(all.get(0));
        }
        int half = all.size() / 2;
        suspects.push(all.subList(0, half));
        suspects.push(all.subList(half, all.size()));
        return Optional.empty();
    }

    /** Returns the partitions to open and close now, absent if there are none. */
    Optional<Step> next(long nowNanos) {
        boolean isTrying = !tried.isEmpty() && nowNanos - triedSinceNanos < moment.toNanos();
        if (!isUnderWay() || isTrying) {
            return Optional.empty();
        }
        good.addAll(tried);
        return Optional.of(suspects.isEmpty() ? end() : tryNext(nowNanos));
    }

    private Step tryNext(long nowNanos) {
        List<TopicPartition> before = tried;
        tried = suspects.pop();
        triedSinceNanos = nowNanos;
        return new Step(before, tried);
    }

    /** Opens the good partitions; a search without a result is repeated with more patience if polls fail again. */
    private Step end() {
        Step last = new Step(List.of(), List.copyOf(good));
        good.clear();
        tried = List.of();
        boolean canWaitLonger = moment.compareTo(LONGEST_MOMENT) < 0;
        moment = found ? MOMENT : canWaitLonger ? moment.multipliedBy(2) : moment;
        found = false;
        return last;
    }

    /** Returns whether good partitions may be closed. */
    boolean isUnderWay() {
        return !suspects.isEmpty() || !tried.isEmpty() || !good.isEmpty();
    }
}
