package io.gpufleet.telemetry.testkit;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The runs of one broker on its data, one after the other, until it is closed and the data are deleted. Thread-safe.
 */
final class BrokerRuns {
    private final Object lock = new Object();
    private final String name;
    private final BrokerFiles files;
    private final Supplier<BrokerRun> launch;
    private @Nullable BrokerRun run;
    private boolean closed;

    /**
     * Begins without a run.
     *
     * @param name what the broker is called in errors
     * @param files its data
     * @param launch begins a run
     */
    BrokerRuns(String name, BrokerFiles files, Supplier<BrokerRun> launch) {
        this.name = name;
        this.files = files;
        this.launch = launch;
    }

    boolean isRunning() {
        synchronized (lock) {
            return run != null && run.isRunning();
        }
    }

    /** Begins to start the broker: brokers of one cluster wait for each other, so that all of them begin first. */
    void begin() {
        synchronized (lock) {
            if (closed || isRunning()) {
                throw new IllegalStateException("start: " + name + " is " + (closed ? "closed" : "running"));
            }
            run = launch.get();
        }
    }

    void awaitStarted() {
        requireRun("start").awaitStarted();
    }

    /** Returns the run under way. */
    BrokerRun requireRunning(String action) {
        BrokerRun current = requireRun(action);
        if (!current.isRunning()) {
            throw notRunning(action);
        }
        return current;
    }

    private BrokerRun requireRun(String action) {
        synchronized (lock) {
            if (run == null) {
                throw notRunning(action);
            }
            return run;
        }
    }

    private IllegalStateException notRunning(String action) {
        return new IllegalStateException(action + ": " + name + " is not running");
    }

    /** Stops in order; without effect when nothing runs. */
    void stop() {
        synchronized (lock) {
            if (isRunning()) {
                requireRun("stop").stop();
            }
        }
    }

    void close() {
        synchronized (lock) {
            if (!closed) {
                closed = true;
                stop();
                files.delete();
            }
        }
    }
}
