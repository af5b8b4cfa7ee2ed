package io.gpufleet.telemetry.jdbc;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The budget of a transaction for all its lock waits together; the server's {@code lock_timeout} alone bounds each
 * wait, not their sum. Immutable.
 */
final class LockBudget {
    private final LongSupplier nanoTime;
    private final long deadlineNanos;

    LockBudget(Duration limit, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.deadlineNanos = nanoTime.getAsLong() + limit.toNanos();
    }

    /** Returns a statement limited to the rest of the budget; a free lock can always be taken. */
    String limit(String statement) {
        long millis = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - nanoTime.getAsLong());
        return "SET LOCAL lock_timeout = " + Math.max(1, millis) + "; " + statement;
    }
}
