package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.jdbc.internal.Pace;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The retries of the transactions of an import or a move, while a database fails for a time. Thread-safe.
 *
 * @param work the kind of work, for messages: {@code import} or {@code move}
 * @param policy the waits
 * @param maxAttempts the number of attempts of a transaction
 * @param pace waits
 */
record TransactionRetry(String work, RetryPolicy policy, int maxAttempts, Pace pace) {
    private static final Logger log = LoggerFactory.getLogger(TransactionRetry.class);

    /** A transaction. */
    @FunctionalInterface
    interface Attempt<R> {
        /**
         * Runs the transaction.
         *
         * @param failed the number of attempts before, the last of which may have been committed
         */
        R run(int failed);
    }

    /**
     * Runs a transaction until it succeeds.
     *
     * @param subject the file or the table, for messages
     * @throws SinkException if the failure lasts, or cannot pass
     */
    <R> R call(Object subject, Attempt<R> attempt) {
        return call(subject, () -> 0, attempt);
    }

    /**
     * Runs several transactions until the last one succeeds.
     *
     * @param subject the file or the table, for messages
     * @param done how much is done; attempts are counted from 0 again once it is more
     * @throws SinkException if the failure lasts, or cannot pass
     */
    <R> R call(Object subject, LongSupplier done, Attempt<R> attempt) {
        long doneBefore = done.getAsLong();
        for (int failed = 0; ; ) {
            try {
                return attempt.run(failed);
            } catch (SinkException e) {
                long doneNow = done.getAsLong();
                failed = doneNow > doneBefore ? 1 : failed + 1;
                doneBefore = doneNow;
                requireHope(subject, failed, e);
                rest(subject, failed, e);
            }
        }
    }

    private void requireHope(Object subject, int failed, SinkException cause) {
        if (!cause.kind().isTransient() || maxAttempts == 1) {
            throw cause;
        }
        if (failed >= maxAttempts) {
            throw new SinkException(
                    cause.kind(),
                    subject + ": " + work + " ends after " + failed + " attempts: " + cause.getMessage(),
                    cause);
        }
    }

    private void rest(Object subject, int failed, SinkException cause) {
        Duration wait = policy.backoff(failed, RandomGenerator.getDefault());
        if (failed == 1) {
            log.warn(
                    "{}: {} waits for the database, after this: {}. It retries up to {} times",
                    subject,
                    work,
                    cause.getMessage(),
                    maxAttempts - 1);
        }
        if (!pace.pause(wait.toNanos())) {
            throw new TelemetryException(
                    subject + ": " + work + " was interrupted while it waited for a retry after " + cause.getMessage(),
                    cause);
        }
    }
}
