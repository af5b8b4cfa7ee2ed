package io.gpufleet.telemetry.internal;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A thread that the SDK has started, and only the SDK interrupts. An interrupt that the host's code leaves on it is
 * meant for nobody, and would end waits that have nothing to do with it.
 */
public final class OwnThread extends Thread {
    /** What a thread waits for outside the SDK, and since when. */
    private record Wait(String what, long sinceNanos) {}

    private volatile @Nullable Wait waiting;

    /** Makes a thread that is to run this. */
    public OwnThread(Runnable body, String name) {
        super(body, name);
    }

    /**
     * Forgets the interrupt that the host's code has left on the current thread; on a thread of the host it stays.
     *
     * @param before whether the thread was interrupted when that code was called: such an interrupt is ours, and stays
     */
    public static void forgetInterrupt(boolean before) {
        if (!before && isCurrent()) {
            Thread.interrupted();
        }
    }

    /**
     * Lets others see what the current thread is about to wait for, until {@link #endWait}. A thread of the host shows
     * nothing.
     *
     * @param what a noun, such as "a database connection"
     */
    public static void beginWait(String what) {
        if (Thread.currentThread() instanceof OwnThread own) {
            own.waiting = new Wait(what, System.nanoTime());
        }
    }

    /** Ends what {@link #beginWait} has begun. */
    public static void endWait() {
        if (Thread.currentThread() instanceof OwnThread own) {
            own.waiting = null;
        }
    }

    /**
     * Tells what a thread waits for. Called by any thread.
     *
     * @param thread one of the SDK; of any other nothing is known
     * @param atLeast a wait that is shorter is none
     */
    public static Optional<String> waitOf(@Nullable Thread thread, Duration atLeast) {
        Wait now = thread instanceof OwnThread own ? own.waiting : null;
        return Optional.ofNullable(now)
                .filter(wait -> System.nanoTime() - wait.sinceNanos() >= atLeast.toNanos())
                .map(Wait::what);
    }

    /** Tells whether the current thread is one of the SDK. */
    public static boolean isCurrent() {
        return Thread.currentThread() instanceof OwnThread;
    }
}
