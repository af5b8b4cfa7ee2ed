package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.Batch;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * A host's own SQL in the transaction that writes a batch; {@link PostgresSink.Builder#inTransaction} adds it.
 *
 * <p>Called by the thread that writes, several threads at once with connections of their own. Its SQL is committed with
 * the batch or not at all, and runs again when the batch is retried, so it must change nothing but this database.
 *
 * @param <T> the type of the values
 */
@FunctionalInterface
public interface TransactionHook<T> {

    /**
     * Writes the host's rows for a batch.
     *
     * @param connection the open transaction; it refuses to be committed, rolled back as a whole, or closed, and so do
     *     the connections of its statements. A hook that ends the transaction in another way, for example by the SQL
     *     {@code COMMIT}, ends the consumer
     * @param batch the whole batch, including duplicates
     * @throws SQLException if the database fails. A refused value (SQLSTATE 22, 23, 21000) counts as a record's fault,
     *     so the batch is bisected until the record is found; so does a failure that need not concern all records (an
     *     error of a trigger, a policy for rows), if other rows are accepted. Any other exception stops the consumer
     */
    void run(Connection connection, Batch<T> batch) throws SQLException;
}
