package io.gpufleet.telemetry.kafka;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.kafka.common.utils.Time;

/**
 * The detection of a wall clock that was set back. Kafka's clients wait by it, for their next heartbeat and for the
 * next try of a connection: after a step back, until it is again what it was. Belongs to one thread.
 */
final class WallClock {
    /** A client bears less, and constantly adjusted clocks do less. */
    private static final long STEP_MILLIS = 1_000;

    private final LongSupplier wallMillis;
    private final LongSupplier nanoTime;
    private long aheadMillis;

    WallClock(LongSupplier wallMillis, LongSupplier nanoTime) {
        this.wallMillis = wallMillis;
        this.nanoTime = nanoTime;
        this.aheadMillis = aheadMillis();
    }

    /** The clock of Kafka's clients. */
    static WallClock ofClients(LongSupplier nanoTime) {
        return new WallClock(Time.SYSTEM::milliseconds, nanoTime);
    }

    private long aheadMillis() {
        return wallMillis.getAsLong() - TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong());
    }

    /** Returns whether the clock was set back since the last call. */
    boolean wasSetBack() {
        long before = aheadMillis;
        aheadMillis = aheadMillis();
        return aheadMillis <= before - STEP_MILLIS;
    }
}
