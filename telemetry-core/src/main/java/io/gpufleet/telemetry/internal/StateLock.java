package io.gpufleet.telemetry.internal;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The lock around state that threads share, and the waits for a change of it. What runs under it is short and none of
 * the host's code. Thread-safe.
 */
public final class StateLock {
    /** A wait without a limit: longer than any clock can count. */
    public static final long NO_LIMIT = Long.MAX_VALUE;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** Changes the state, and wakes the threads that wait for it. */
    public void change(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Returns a part of the state; a change on the way wakes no thread. */
    public <R extends @Nullable Object> R get(Supplier<? extends R> reading) {
        lock.lock();
        try {
            return reading.get();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until the state is as wanted, at most for the limit, and returns whether it is. Without a need to wait
     * neither a limit of 0 nor an interrupt matters.
     */
    public boolean await(BooleanSupplier wanted, long limitNanos) throws InterruptedException {
        lock.lock();
        try {
            long remaining = limitNanos;
            while (!wanted.getAsBoolean()) {
                if (remaining <= 0) {
                    return false;
                }
                remaining = changed.awaitNanos(remaining);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #await}, but an interrupt neither ends the wait nor prolongs it; the thread stays interrupted. */
    public boolean awaitUninterruptibly(BooleanSupplier wanted, long limitNanos) {
        boolean interrupted = false;
        long end = System.nanoTime() + Math.max(limitNanos, 0);
        try {
            while (true) {
                try {
                    return await(wanted, end - System.nanoTime());
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
