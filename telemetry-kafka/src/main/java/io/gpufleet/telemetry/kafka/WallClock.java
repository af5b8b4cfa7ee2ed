package io.gpufleet.telemetry.kafka;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.kafka.common.utils.Time;

/**
 * The detection of a wall clock that was set back. Kafka's clients time their heartbeats and reconnects by it: after a
 * step back they wait until it has caught up. Belongs to one thread.
 */
final class WallClock {
    /** Smaller steps do no harm to a client, and come from constantly adjusted clocks. */
    private static final long STEP_MILLIS = 1_000;

    private final LongSupplier wallMillis;
    private final LongSupplier nanoTime;
    private long aheadMillis;

    WallClock(LongSupplier wallMillis, LongSupplier nanoTime) {
        this.wallMillis = wallMillis;
        this.nanoTime = nanoTime;
        this.aheadMillis = aheadMillis();
    }

    /** Returns the clock of Kafka's clients. */
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
