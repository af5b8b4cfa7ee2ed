package io.gpufleet.telemetry.internal;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A thread of the SDK, which only the SDK interrupts. An interrupt left on it by the host's code has no receiver, and
 * would end unrelated waits.
 */
public final class OwnThread extends Thread {
    /** A wait outside the SDK, and its start. */
    private record Wait(String what, long sinceNanos) {}

    private volatile @Nullable Wait waiting;

    /** Creates a thread for a task. */
    public OwnThread(Runnable body, String name) {
        super(body, name);
    }

    /**
     * Clears an interrupt that the host's code left on the current thread; on a thread of the host it stays.
     *
     * @param before true if the thread was interrupted before that code was called: such an interrupt is the SDK's, and
     *     stays
     */
    public static void forgetInterrupt(boolean before) {
        if (!before && isCurrent()) {
            Thread.interrupted();
        }
    }

    /**
     * Publishes the wait of the current thread, until {@link #endWait}; does nothing on a thread of the host.
     *
     * @param what a noun, such as "a database connection"
     */
    public static void beginWait(String what) {
        if (Thread.currentThread() instanceof OwnThread own) {
            own.waiting = new Wait(what, System.nanoTime());
        }
    }

    /** Ends the wait of {@link #beginWait}. */
    public static void endWait() {
        if (Thread.currentThread() instanceof OwnThread own) {
            own.waiting = null;
        }
    }

    /**
     * Returns the wait of a thread. Called by any thread.
     *
     * @param thread a thread of the SDK; the waits of other threads are unknown
     * @param atLeast the shortest wait that counts
     */
    public static Optional<String> waitOf(@Nullable Thread thread, Duration atLeast) {
        Wait now = thread instanceof OwnThread own ? own.waiting : null;
        return Optional.ofNullable(now)
                .filter(wait -> System.nanoTime() - wait.sinceNanos() >= atLeast.toNanos())
                .map(Wait::what);
    }

    /** Returns whether the current thread is one of the SDK. */
    public static boolean isCurrent() {
        return Thread.currentThread() instanceof OwnThread;
    }
}
