package io.gpufleet.telemetry.kafka;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.kafka.common.utils.Time;

/**
 * Tells when the wall clock was set back. Kafka's clients wait by it, for their next heartbeat and for the next try of
 * a connection: after a step back, until it is again what it was. Belongs to one thread.
 */
final class WallClock {
    /** Less is what a client bears, and what clocks that are adjusted all the time do. */
    private static final long STEP_MILLIS = 1_000;

    private final LongSupplier wallMillis;
    private final LongSupplier nanoTime;
    private long aheadMillis;

    WallClock(LongSupplier wallMillis, LongSupplier nanoTime) {
        this.wallMillis = wallMillis;
        this.nanoTime = nanoTime;
        this.aheadMillis = aheadMillis();
    }

    /** The clock that Kafka's clients live by. */
    static WallClock ofClients(LongSupplier nanoTime) {
        return new WallClock(Time.SYSTEM::milliseconds, nanoTime);
    }

    private long aheadMillis() {
        return wallMillis.getAsLong() - TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong());
    }

    /** Tells whether the clock was set back since the last call. */
    boolean wasSetBack() {
        long before = aheadMillis;
        aheadMillis = aheadMillis();
        return aheadMillis <= before - STEP_MILLIS;
    }
}
