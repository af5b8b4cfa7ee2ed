package io.gpufleet.telemetry.jdbc.internal;

import io.gpufleet.telemetry.internal.StopSignal;
import java.time.Duration;

/** The clock and the pauses of a loop. Thread-safe. */
public interface Pace {
    long nanoTime();

    /** Pauses, and returns whether the whole pause has passed; false if the thread was interrupted, which it stays. */
    boolean pause(long nanos);

    /** Returns the pace of the system clock. */
    static Pace ofSystem() {
        return new Pace() {
            @Override
            public long nanoTime() {
                return System.nanoTime();
            }

            @Override
            public boolean pause(long nanos) {
                return new StopSignal().pause(Duration.ofNanos(nanos));
            }
        };
    }
}
