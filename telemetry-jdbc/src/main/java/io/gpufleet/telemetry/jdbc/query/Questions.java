package io.gpufleet.telemetry.jdbc.query;

import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.jdbc.internal.SqlFailure;
import io.gpufleet.telemetry.jdbc.internal.TransactionTimeouts;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.time.Duration;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** The runner of questions, each in a read-only transaction of its own. Thread-safe. */
final class Questions {
    /** The limit of a statement that names none. */
    static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

    private final Transactions transactions;
    private final Duration timeout;

    Questions(DataSource dataSource, Duration timeout) {
        this.timeout = timeout;
        this.transactions = Transactions.reading(dataSource, new TransactionTimeouts(timeout, timeout, timeout));
    }

    /**
     * Asks a question.
     *
     * @param name what is asked for, with which error messages begin
     * @throws QueryTimeoutException if a statement takes too long
     */
    <R> R ask(String name, Function<? super Handle, ? extends R> question) {
        try {
            return transactions.call(
                    name,
                    connection -> Jdbi.create(connection)
                            .registerArrayType(Integer.class, "int4")
                            .registerArrayType(Long.class, "int8")
                            .withHandle(question::apply));
        } catch (SinkException e) {
            if (SqlFailure.isCancelled(e) || SqlFailure.isLockedOut(e)) {
                throw new QueryTimeoutException(name, timeout, e);
            }
            throw e;
        }
    }
}
