package io.gpufleet.telemetry.internal;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;

/**
 * A guard around observing code of the host, such as listeners, meters and spans: the first failure is logged, further
 * ones are ignored, errors of the JVM are rethrown. Thread-safe.
 */
public final class Onlooker {
    private final Logger log;
    private final String what;
    private final AtomicBoolean reported = new AtomicBoolean();

    /**
     * Creates a guard that has seen no failure.
     *
     * @param log the log for the first failure
     * @param what the failure, as the beginning of a sentence
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

    /** Calls the host's code and returns its result, or a substitute if it fails. */
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
