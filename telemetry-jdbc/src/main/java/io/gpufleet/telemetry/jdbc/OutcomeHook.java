package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.TelemetryEvent.DuplicatesDropped;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * A host's own SQL at the end of the transaction that writes a batch of another source than a topic, when it is known
 * what became of its values; see {@link PostgresSink#ofOtherSource}.
 *
 * <p>Called by the thread that writes. Its SQL is committed with the batch or not at all, and runs again when the batch
 * is retried, so it must change nothing but this database.
 */
@FunctionalInterface
public interface OutcomeHook {

    /**
     * Writes the host's rows for the outcome of a batch.
     *
     * @param connection the open transaction, as for a {@link TransactionHook}
     * @param dropped the values of the batch that were stored already; all others are stored
     * @throws SQLException if the database fails
     */
    void run(Connection connection, DuplicatesDropped dropped) throws SQLException;
}
