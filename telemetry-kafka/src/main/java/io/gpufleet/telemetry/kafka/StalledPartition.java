package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.Health.Concern;
import io.gpufleet.telemetry.Health.Trouble;
import io.gpufleet.telemetry.TelemetryEvent.Stall;
import io.gpufleet.telemetry.kafka.AssignedPartition.Halt;
import java.time.Duration;

/**
 * A partition that made a poll fail, until it can be read again. Time is passed in. Owned by the poll thread.
 *
 * <p>It pauses for a second at first, then ever longer up to 30 seconds, and is good when it delivers a record, or when
 * it was tried for 10 seconds without a failure: at the end of its log nothing is delivered.
 */
final class StalledPartition {
    private static final Duration FIRST_REST = Duration.ofSeconds(1);
    private static final Duration LONGEST_REST = Duration.ofSeconds(30);
    private static final Duration PROBATION = Duration.ofSeconds(10);

    private final AssignedPartition assigned;
    private final Stall stall;
    private final String reason;
    private final Duration rest;
    private final long failedAtNanos;
    private final long offset;
    private long openSinceNanos;

    private StalledPartition(
            AssignedPartition assigned, Stall stall, String reason, Duration rest, long failedAtNanos) {
        this.assigned = assigned;
        this.stall = stall;
        this.reason = reason;
        this.rest = rest;
        this.failedAtNanos = failedAtNanos;
        this.offset = assigned.next();
        this.openSinceNanos = failedAtNanos;
    }

    static StalledPartition first(AssignedPartition assigned, Stall stall, String reason, long nowNanos) {
        return new StalledPartition(assigned, stall, reason, FIRST_REST, nowNanos);
    }

    /** Returns the partition after a failed retry. */
    StalledPartition again(Stall stallNow, String reasonNow, long nowNanos) {
        Duration longer = rest.multipliedBy(2);
        Duration next =
                assigned.next() != offset ? FIRST_REST : longer.compareTo(LONGEST_REST) < 0 ? longer : LONGEST_REST;
        return new StalledPartition(assigned, stallNow, reasonNow, next, nowNanos);
    }

    boolean isSameAs(StalledPartition other) {
        return stall == other.stall && offset == other.offset;
    }

    /** Returns whether its pause is over, and all records polled before are written. */
    boolean isDue(long nowNanos) {
        return assigned.halt() == Halt.WAITING
                && nowNanos - failedAtNanos >= rest.toNanos()
                && assigned.resting().isPresent();
    }

    /** Returns whether it has been open for long enough without a failure. */
    boolean isGood(long nowNanos) {
        if (assigned.halt() != Halt.NONE || assigned.generation().isEmpty() || assigned.isPaused()) {
            openSinceNanos = nowNanos;
        }
        return nowNanos - openSinceNanos >= PROBATION.toNanos();
    }

    AssignedPartition assigned() {
        return assigned;
    }

    Stall stall() {
        return stall;
    }

    Trouble trouble() {
        return new Trouble(Concern.PARTITION, assigned.partition().toString(), reason);
    }
}
