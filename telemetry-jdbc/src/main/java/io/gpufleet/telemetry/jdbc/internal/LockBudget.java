package io.gpufleet.telemetry.jdbc.internal;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The budget of a transaction for all its lock waits together; the server's {@code lock_timeout} alone bounds each
 * wait, not their sum. Immutable.
 */
public final class LockBudget {
    private final LongSupplier nanoTime;
    private final long deadlineNanos;

    public LockBudget(Duration limit, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.deadlineNanos = nanoTime.getAsLong() + limit.toNanos();
    }

    /** Returns a statement limited to the rest of the budget; a free lock can always be taken. */
    public String limit(String statement) {
        return limit() + "; " + statement;
    }

    /** Returns the statement that limits the next statements of the transaction to the rest of the budget. */
    public String limit() {
        long millis = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - nanoTime.getAsLong());
        return "SET LOCAL lock_timeout = " + Math.max(1, millis);
    }
}
