package io.gpufleet.telemetry.jdbc.internal;

import io.gpufleet.telemetry.internal.StopSignal;
import java.time.Duration;

/** The clock and the pauses of a loop. Thread-safe. */
public interface Pace {
    long nanoTime();

    /** Pauses, and returns whether it did to the end; false if it was interrupted, which the thread stays. */
    boolean pause(long nanos);

    /** The system's. */
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
