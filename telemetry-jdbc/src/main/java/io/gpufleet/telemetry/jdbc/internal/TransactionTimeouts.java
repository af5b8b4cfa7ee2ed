package io.gpufleet.telemetry.jdbc.internal;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/** The server's limits of a transaction: for its lock waits, its statements, and its idle time. Immutable. */
public record TransactionTimeouts(Duration lock, Duration statement, Duration idle) {
    public static final TransactionTimeouts DEFAULT =
            new TransactionTimeouts(Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(20));

    /** The limits of work beside the consumption, which should rather fail and be repeated. */
    public static final TransactionTimeouts ASIDE =
            new TransactionTimeouts(Duration.ofSeconds(2), Duration.ofSeconds(10), Duration.ofSeconds(10));

    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final Duration LONGEST = Duration.ofMillis(Integer.MAX_VALUE);

    /** The client's wait for an answer beyond the statement timeout. */
    private static final Duration GRACE = Duration.ofSeconds(15);

    public static Duration check(String name, Duration duration) {
        if (requireNonNull(duration, name).compareTo(SHORTEST) < 0 || duration.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    name + ": " + duration + " is not between 1 and " + Integer.MAX_VALUE + " milliseconds");
        }
        return duration;
    }

    public TransactionTimeouts withLock(Duration duration) {
        return new TransactionTimeouts(check("lockTimeout", duration), statement, idle);
    }

    public TransactionTimeouts withStatement(Duration duration) {
        return new TransactionTimeouts(lock, check("statementTimeout", duration), idle);
    }

    public TransactionTimeouts withIdle(Duration duration) {
        return new TransactionTimeouts(lock, statement, check("idleInTransactionTimeout", duration));
    }

    /** Returns the statements that begin a transaction, in one round trip. */
    String begin() {
        return "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; " + limits();
    }

    /**
     * Returns the statements that begin a transaction of questions, which all see one state of the database. Compiling
     * their plans to machine code takes longer than they do.
     */
    String beginReading() {
        return "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL jit = off; " + limits();
    }

    /**
     * A database may have settings by which the text of a number in double precision loses its last digits, and drivers
     * read most numbers as texts.
     */
    private String limits() {
        return "SET LOCAL extra_float_digits = 1; SET LOCAL lock_timeout = " + lock.toMillis()
                + "; SET LOCAL statement_timeout = " + statement.toMillis()
                + "; SET LOCAL idle_in_transaction_session_timeout = " + idle.toMillis();
    }

    /** Returns the time after which a server that does not answer is given up. */
    int networkMillis() {
        return (int) Math.min(statement.plus(GRACE).toMillis(), Integer.MAX_VALUE);
    }
}
