package io.gpufleet.telemetry.examples.samples;

import java.time.Duration;

/**
 * The rounds of a loop on a grid of time. A round that takes longer than the interval costs the rounds in it: the
 * newest of them begins late, the others are skipped. Not thread-safe.
 */
final class RoundGrid {
    private final long everyNanos;
    private final long begun;
    private long round;

    /**
     * Begins with the first round.
     *
     * @param every the interval, more than 0
     * @param nanoTime the time of the first round, as {@link System#nanoTime}
     */
    RoundGrid(Duration every, long nanoTime) {
        this.everyNanos = every.toNanos();
        this.begun = nanoTime;
    }

    /** Ends a round, and returns the number of rounds that are skipped. */
    long next(long nanoTime) {
        long next = Math.max(round + 1, (nanoTime - begun) / everyNanos);
        long skipped = next - round - 1;
        round = next;
        return skipped;
    }

    /** Returns the time until the next round begins, 0 or less if it is late. */
    Duration untilNext(long nanoTime) {
        return Duration.ofNanos(begun + round * everyNanos - nanoTime);
    }
}
