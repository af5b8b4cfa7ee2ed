package io.gpufleet.telemetry.internal;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The pauses of a thread that works again and again until it is asked to end. Thread-safe. */
public final class Rests {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ending = lock.newCondition();
    private boolean over;

    /** Pauses, and returns whether the thread goes on; not when it is interrupted, which it stays. */
    public boolean rest(Duration duration) {
        lock.lock();
        try {
            long remaining = Waits.countable(duration).toNanos();
            while (remaining > 0 && !over) {
                remaining = ending.awaitNanos(remaining);
            }
            return !over;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Returns whether the pauses were ended; an interrupt does not end them. */
    public boolean areOver() {
        lock.lock();
        try {
            return over;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the current pause and all that follow. */
    public void end() {
        lock.lock();
        try {
            over = true;
            ending.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
