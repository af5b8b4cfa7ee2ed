package io.gpufleet.telemetry.examples.samples;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The wait between two rounds of a program, which SIGTERM and SIGINT end: the program then has five seconds to finish.
 * {@link #install} adds a shutdown hook, the thread {@code telemetry-signal}; {@link #close} ends the hook's wait.
 * Thread-safe.
 */
final class UntilSignal implements AutoCloseable {
    private static final int LONGEST_END_SECONDS = 5;

    private final CountDownLatch signalled = new CountDownLatch(1);
    private final CountDownLatch finished = new CountDownLatch(1);

    private UntilSignal() {}

    static UntilSignal install() {
        UntilSignal until = new UntilSignal();
        Runtime.getRuntime().addShutdownHook(new Thread(until::end, "telemetry-signal"));
        return until;
    }

    /** Waits, and returns whether no signal came. */
    boolean elapses(Duration wait) {
        try {
            return !signalled.await(wait.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void end() {
        signalled.countDown();
        try {
            boolean unused = finished.await(LONGEST_END_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        finished.countDown();
    }
}
