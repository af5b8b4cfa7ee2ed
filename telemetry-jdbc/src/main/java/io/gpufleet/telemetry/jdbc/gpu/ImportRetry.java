package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.jdbc.internal.Pace;
import java.nio.file.Path;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The retries of an import's transactions, while the database fails for a time. Thread-safe.
 *
 * @param policy the waits
 * @param maxAttempts the number of attempts of a transaction
 * @param pace waits
 */
record ImportRetry(RetryPolicy policy, int maxAttempts, Pace pace) {
    private static final Logger log = LoggerFactory.getLogger(ImportRetry.class);

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
     * @param file the file, for messages
     * @throws SinkException if the failure lasts, or cannot pass
     */
    <R> R call(Path file, Attempt<R> attempt) {
        for (int failed = 0; ; ) {
            try {
                return attempt.run(failed);
            } catch (SinkException e) {
                failed++;
                if (!e.kind().isTransient() || failed >= maxAttempts) {
                    throw e;
                }
                rest(file, failed, e);
            }
        }
    }

    private void rest(Path file, int failed, SinkException cause) {
        Duration wait = policy.backoff(failed, RandomGenerator.getDefault());
        if (failed == 1) {
            log.warn(
                    "Import of {} waits for the database, after this: {}. It retries up to {} times",
                    file,
                    cause.getMessage(),
                    maxAttempts - 1);
        }
        if (!pace.pause(wait.toNanos())) {
            throw new TelemetryException(
                    file + ": import was interrupted while it waited for a retry after " + cause.getMessage(), cause);
        }
    }
}
