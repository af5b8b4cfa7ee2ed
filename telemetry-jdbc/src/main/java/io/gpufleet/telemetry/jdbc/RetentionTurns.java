package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.internal.HostFault;
import io.gpufleet.telemetry.internal.Waits;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The runs of one table on the thread of its job. The next run is due after the interval, or sooner if the last one had
 * a transient failure. Each table has its own turns, so no table waits for the failure of another. Belongs to the
 * thread.
 */
final class RetentionTurns {
    private static final Logger log = LoggerFactory.getLogger(RetentionTurns.class);

    private final TableRetention table;
    private final Duration interval;
    private final RetryPolicy retry;
    private long dueNanos = System.nanoTime();
    private int failures;

    RetentionTurns(TableRetention table, Duration interval, RetryPolicy retry) {
        this.table = table;
        this.interval = interval;
        this.retry = retry;
    }

    /** Returns the time until the next run is due; zero if it is due now. */
    Duration pause() {
        return Duration.ofNanos(Math.max(dueNanos - System.nanoTime(), 0));
    }

    /** Runs if the run is due, and logs a failure. */
    void runIfDue() {
        if (pause().isZero()) {
            Duration pause = run();
            dueNanos = System.nanoTime() + Waits.countable(pause).toNanos();
        }
    }

    private Duration run() {
        try {
            table.run()
                    .held()
                    .ifPresent(held ->
                            log.warn("Day of {} still in use; retrying at the next run: {}", table, held.reason()));
            failures = 0;
            return interval;
        } catch (Throwable e) {
            HostFault.requireOwn(e);
            return afterFailure(e);
        }
    }

    private Duration afterFailure(Throwable e) {
        failures++;
        boolean passes = e instanceof SinkException failure && failure.kind().isTransient();
        if (failures == 1 || !passes) {
            log.warn("Retention of {} failed; retrying{}", table, passes ? "" : " at the next run", e);
        }
        return passes ? retry.backoff(failures, RandomGenerator.getDefault()) : interval;
    }
}
