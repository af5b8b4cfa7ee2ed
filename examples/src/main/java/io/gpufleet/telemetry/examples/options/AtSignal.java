package io.gpufleet.telemetry.examples.options;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The work of a program at SIGTERM or SIGINT: a shutdown hook, the thread {@code telemetry-signal}, until
 * {@link #close}. If the work does not end the process itself, the JVM does, with 143 or 130. Thread-safe.
 */
public final class AtSignal implements AutoCloseable {
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread hook;

    private AtSignal(Consumer<AtSignal> work) {
        this.hook = new Thread(() -> work.accept(this), "telemetry-signal");
    }

    /**
     * Adds the hook.
     *
     * @param work the work, called once at a signal
     * @return the hook that was added
     */
    public static AtSignal install(Consumer<AtSignal> work) {
        AtSignal signal = new AtSignal(work);
        Runtime.getRuntime().addShutdownHook(signal.hook);
        return signal;
    }

    /**
     * Waits for {@link #close}, which the program calls once it has finished.
     *
     * @param limit the longest wait
     * @return whether the program has finished
     */
    public boolean awaitClose(Duration limit) {
        try {
            return closed.await(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Removes the hook; after a signal, it ends the process. */
    @Override
    public void close() {
        closed.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is already ending, by the hook.
        }
    }
}
