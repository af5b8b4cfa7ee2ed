package io.gpufleet.telemetry.internal;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The signal that stops a thread that works at intervals, and the pauses between. Thread-safe. */
public final class StopSignal {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean raised;

    /** Pauses, and returns whether the thread goes on; not when it is interrupted, which it stays. */
    public boolean pause(Duration duration) {
        lock.lock();
        try {
            long remaining = Waits.countable(duration).toNanos();
            while (remaining > 0 && !raised) {
                remaining = changed.awaitNanos(remaining);
            }
            return !raised;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Returns whether the pauses were ended; an interrupt does not end them. */
    public boolean isRaised() {
        lock.lock();
        try {
            return raised;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the current pause and all that follow. */
    public void raise() {
        lock.lock();
        try {
            raised = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
