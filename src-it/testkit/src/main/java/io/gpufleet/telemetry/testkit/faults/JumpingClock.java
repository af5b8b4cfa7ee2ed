package io.gpufleet.telemetry.testkit.faults;

import static java.util.Objects.requireNonNull;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A clock that jumps ahead or back on request, like a machine's clock that was set by hand.
 *
 * <p>For any object that takes a {@link Clock}, such as a validator or the retention of heartbeats. Thread-safe.
 */
public final class JumpingClock extends Clock {
    private final Clock base;
    private final AtomicLong offsetNanos;

    private JumpingClock(Clock base, AtomicLong offsetNanos) {
        this.base = base;
        this.offsetNanos = offsetNanos;
    }

    /**
     * Returns a clock that shows the system's time in UTC until it jumps.
     *
     * @return the clock
     */
    public static JumpingClock create() {
        return of(Clock.systemUTC());
    }

    /**
     * Returns a clock that shows another's time until it jumps.
     *
     * @param base the other
     * @return the clock
     */
    public static JumpingClock of(Clock base) {
        return new JumpingClock(requireNonNull(base, "base"), new AtomicLong());
    }

    /**
     * Jumps from the current time.
     *
     * @param by the distance, ahead if positive, back if negative, at most 292 years
     * @throws ArithmeticException if it is more
     */
    public void jump(Duration by) {
        offsetNanos.addAndGet(requireNonNull(by, "by").toNanos());
    }

    /** Returns to the right time. */
    public void heal() {
        offsetNanos.set(0);
    }

    /**
     * Returns the distance to the right time.
     *
     * @return negative if it is behind
     */
    public Duration offset() {
        return Duration.ofNanos(offsetNanos.get());
    }

    @Override
    public Instant instant() {
        return base.instant().plus(offset());
    }

    @Override
    public ZoneId getZone() {
        return base.getZone();
    }

    /** Returns the same clock in another zone: it jumps with this one. */
    @Override
    public Clock withZone(ZoneId zone) {
        return new JumpingClock(base.withZone(requireNonNull(zone, "zone")), offsetNanos);
    }

    @Override
    public String toString() {
        return "JumpingClock[" + base + " " + offset() + "]";
    }
}
