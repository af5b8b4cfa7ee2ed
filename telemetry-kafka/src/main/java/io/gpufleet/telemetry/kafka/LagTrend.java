package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.internal.Waits;
import java.time.Duration;
import java.util.ArrayDeque;

/**
 * The time for which a lag has been growing: each sample is compared with one that is a fifth of the limit older, so
 * that single batches neither feign growth nor hide it. Belongs to one thread.
 */
final class LagTrend {
    private static final int SPANS = 5;

    private record Sample(long nanos, long messages) {}

    private final long spanNanos;
    private final ArrayDeque<Sample> recent = new ArrayDeque<>();
    private long growingSinceNanos;

    LagTrend(Duration limit) {
        this.spanNanos = Waits.countable(limit).toNanos() / SPANS;
    }

    /** Adds a sample, and returns the time for which the lag has been growing; 0 if it is not. */
    Duration add(long nowNanos, long messages) {
        if (recent.isEmpty()) {
            growingSinceNanos = nowNanos;
        }
        recent.add(new Sample(nowNanos, messages));
        while (secondIsOldEnough(nowNanos)) {
            recent.remove();
        }
        if (recent.size() > 1 && messages <= recent.element().messages()) {
            growingSinceNanos = nowNanos;
        }
        return Duration.ofNanos(nowNanos - growingSinceNanos);
    }

    /** Returns whether the second oldest sample is old enough for the comparison. */
    private boolean secondIsOldEnough(long nowNanos) {
        return recent.stream()
                .skip(1)
                .findFirst()
                .filter(sample -> nowNanos - sample.nanos() >= spanNanos)
                .isPresent();
    }

    /** Starts over: other partitions have another lag. */
    void restart() {
        recent.clear();
    }
}
