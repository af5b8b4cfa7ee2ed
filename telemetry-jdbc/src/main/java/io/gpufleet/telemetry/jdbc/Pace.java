package io.gpufleet.telemetry.jdbc;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** How time passes. Thread-safe. */
interface Pace {
    long nanoTime();

    void pause(long nanos) throws InterruptedException;

    /** The system's; a pause ends early by an interrupt only. */
    static Pace ofSystem() {
        return new Pace() {
            @Override
            public long nanoTime() {
                return System.nanoTime();
            }

            @Override
            public void pause(long nanos) throws InterruptedException {
                ReentrantLock lock = new ReentrantLock();
                Condition end = lock.newCondition();
                lock.lock();
                try {
                    long remaining = nanos;
                    while (remaining > 0) {
                        remaining = end.awaitNanos(remaining);
                    }
                } finally {
                    lock.unlock();
                }
            }
        };
    }
}
