package io.gpufleet.telemetry.kafka;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The rests of a thread that works again and again until it is told to end. Thread-safe. */
final class Rests {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ending = lock.newCondition();
    private boolean over;

    /** Rests, and tells whether the thread goes on. */
    boolean rest(Duration duration) throws InterruptedException {
        lock.lock();
        try {
            long remaining = duration.toNanos();
            while (remaining > 0 && !over) {
                remaining = ending.awaitNanos(remaining);
            }
            return !over;
        } finally {
            lock.unlock();
        }
    }

    boolean areOver() {
        lock.lock();
        try {
            return over;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the rest that goes on, and all that follow. */
    void end() {
        lock.lock();
        try {
            over = true;
            ending.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
