package io.gpufleet.telemetry.jdbc.query;

import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import io.gpufleet.telemetry.jdbc.internal.SqlFailure;
import io.gpufleet.telemetry.jdbc.internal.TransactionTimeouts;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** The runner of questions, each in a read-only transaction of its own. Thread-safe. */
final class Questions {
    /** The limit of a statement that names none. */
    static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

    /** Both layouts have the table of GPUs. */
    private static final String IS_FLAT =
            "SELECT to_regclass('{gpu}') IS NOT NULL AND to_regclass('{gpu_sample}') IS NULL";

    /** The limit between two statements: a caller's pause is no slow question. */
    private static final Duration IDLE = Duration.ofSeconds(10);

    private final Transactions transactions;
    private final Duration timeout;
    private final Optional<String> isFlat;

    private Questions(DataSource dataSource, Duration timeout, Optional<String> isFlat) {
        this.timeout = timeout;
        this.isFlat = isFlat;
        this.transactions = Transactions.reading(dataSource, new TransactionTimeouts(timeout, timeout, IDLE));
    }

    static Questions aboutGpus(DataSource dataSource, Optional<String> schema, Duration timeout) {
        return new Questions(dataSource, timeout, Optional.of(Identifier.qualifyAll(schema, IS_FLAT)));
    }

    static Questions aboutHeartbeats(DataSource dataSource, Duration timeout) {
        return new Questions(dataSource, timeout, Optional.empty());
    }

    /**
     * Asks a question.
     *
     * @param name what is asked for, with which error messages begin
     * @throws QueryTimeoutException if a statement takes too long
     * @throws TelemetryException if the database fails, or has samples in a flat table only
     */
    <R> R ask(String name, Function<? super Handle, ? extends R> question) {
        try {
            return call(name, question);
        } catch (SinkException e) {
            if (SqlFailure.isCancelled(e) || SqlFailure.isLockedOut(e)) {
                throw new QueryTimeoutException(name, timeout, e);
            }
            if (SqlFailure.isOfAnAbsentObject(e) && isFlat(name)) {
                throw new TelemetryException(name + ": samples of GPUs are in a flat table (GpuLayout.FLAT); questions"
                        + " are answered from samples by numbers (GpuLayout.NUMBERED), to which SampleTables moves"
                        + " them");
            }
            throw e;
        }
    }

    private boolean isFlat(String name) {
        return call(
                name,
                handle -> isFlat.isPresent()
                        && handle.createQuery(isFlat.get()).mapTo(Boolean.class).one());
    }

    private <R> R call(String name, Function<? super Handle, ? extends R> work) {
        return transactions.call(
                name,
                connection -> Jdbi.create(connection)
                        .registerArrayType(Integer.class, "int4")
                        .registerArrayType(Long.class, "int8")
                        .withHandle(work::apply));
    }
}
