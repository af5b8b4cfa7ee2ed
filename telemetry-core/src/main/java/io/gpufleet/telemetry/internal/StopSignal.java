package io.gpufleet.telemetry.internal;

import java.time.Duration;

/** The signal that stops a thread that works at intervals, and the pauses between. Thread-safe. */
public final class StopSignal {
    private final StateLock lock = new StateLock();
    private boolean raised;

    /** Pauses, and returns whether the thread continues; false on an interrupt, which stays set. */
    public boolean pause(Duration duration) {
        try {
            return !lock.await(() -> raised, Waits.countable(duration).toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Returns whether the pauses were ended; an interrupt does not end them. */
    public boolean isRaised() {
        return lock.get(() -> raised);
    }

    /** Ends the current pause and all that follow. */
    public void raise() {
        lock.change(() -> raised = true);
    }
}
