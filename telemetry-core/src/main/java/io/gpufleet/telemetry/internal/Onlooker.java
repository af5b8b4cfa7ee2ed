package io.gpufleet.telemetry.internal;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;

/**
 * Calls code of the host that only looks on, as listeners, meters and spans do: what it throws is logged once and
 * otherwise ignored, unless it concerns the JVM. Thread-safe.
 */
public final class Onlooker {
    private final Logger log;
    private final String what;
    private final AtomicBoolean reported = new AtomicBoolean();

    /**
     * Makes an onlooker that has not failed yet.
     *
     * @param log takes its first failure
     * @param what what failed, as the beginning of a sentence
     */
    public Onlooker(Logger log, String what) {
        this.log = log;
        this.what = what;
    }

    /** Calls the host's code. */
    public void call(Runnable code) {
        boolean interrupted = Thread.currentThread().isInterrupted();
        try {
            code.run();
        } catch (Throwable e) {
            report(e);
        } finally {
            OwnThread.forgetInterrupt(interrupted);
        }
    }

    /** Calls the host's code, and returns what it returns, or something else if it fails. */
    public <V> V call(Supplier<V> code, V otherwise) {
        boolean interrupted = Thread.currentThread().isInterrupted();
        try {
            return code.get();
        } catch (Throwable e) {
            report(e);
            return otherwise;
        } finally {
            OwnThread.forgetInterrupt(interrupted);
        }
    }

    private void report(Throwable thrown) {
        HostFault.requireOwn(thrown);
        if (reported.compareAndSet(false, true)) {
            log.warn("{}; it will not be reported again", what, thrown);
        }
    }
}
