package io.gpufleet.telemetry.examples.samples;

import io.gpufleet.telemetry.examples.options.AtSignal;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.terminal.Text;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The orderly end of a program by SIGTERM or SIGINT, and of the process with its own exit code: the program then has
 * five seconds to finish. By default a JVM would end with 143, whether samples were lost or not. Thread-safe.
 */
final class UntilSignal implements AutoCloseable {
    private static final Duration LONGEST_END = Duration.ofSeconds(5);

    private final PrintWriter out;
    private final CountDownLatch signalled = new CountDownLatch(1);
    private final AtSignal signal;
    private volatile long unsent;

    private UntilSignal(PrintWriter out) {
        this.out = out;
        this.signal = AtSignal.install(this::end);
    }

    static UntilSignal install(PrintWriter out) {
        return new UntilSignal(out);
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

    /** Sets the number of samples that were not sent until now. */
    void unsent(long samples) {
        unsent = samples;
    }

    private void end(AtSignal hook) {
        signalled.countDown();
        boolean isFinished = hook.awaitClose(LONGEST_END);
        out.println(words(isFinished));
        out.flush();
        Runtime.getRuntime().halt(isFinished && unsent == 0 ? ExitCodes.OK : ExitCodes.NOT_SO);
    }

    private String words(boolean isFinished) {
        if (!isFinished) {
            return "Ended, the last round is not acknowledged";
        }
        return unsent == 0
                ? "Ended, all samples are acknowledged"
                : "Ended, " + Text.count(unsent, "sample was", "samples were") + " not sent";
    }

    /** Ends the wait for signals; the program ends by itself, unless a signal came first. */
    @Override
    public void close() {
        signal.close();
    }
}
