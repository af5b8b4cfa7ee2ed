package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.internal.StopSignal;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import io.gpufleet.telemetry.jdbc.internal.TransactionTimeouts;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * The rows of a dimension of contents that only dropped days refer to: those whose last day is before the first kept
 * one.
 *
 * <p>The stored first kept day decides, not that of a job: while a writer uses a row of a kept day, it holds the lock
 * that keeps the first kept day where it is, see {@link DayPartitions#keep}. So a row that a writer has found, with its
 * day, stays until the writer has ended. A row whose last day a writer is about to raise is locked, and skipped.
 * Thread-safe.
 */
final class UnusedContents {
    /** The limit of rows that one transaction removes. */
    private static final int MOST = 10_000;

    private final Transactions transactions;
    private final String table;
    private final String delete;

    /**
     * Prepares the removal.
     *
     * @param names the dimension
     * @param retention the table that holds the first kept day of the table that refers to the dimension
     */
    UnusedContents(DataSource dataSource, Names names, String retention, Optional<String> schema) {
        this.transactions = new Transactions(dataSource, TransactionTimeouts.DEFAULT);
        this.table = Identifier.qualify(schema, names.table);
        String number = Identifier.quote(names.number);
        this.delete = "DELETE FROM " + table + " WHERE " + number + " IN (SELECT " + number + " FROM " + table
                + " WHERE " + Identifier.quote(names.lastDay) + " < (SELECT max(kept_from) FROM "
                + Identifier.qualify(schema, retention) + ") LIMIT " + MOST + " FOR UPDATE SKIP LOCKED)";
    }

    /**
     * A dimension of contents. Immutable.
     *
     * @param table its table
     * @param number the column of its hash
     * @param lastDay the column of the last day
     */
    record Names(String table, String number, String lastDay) {}

    /** Removes the unused rows, some in each transaction, and returns their number. */
    long remove(StopSignal stop) {
        long removed = 0;
        int some = MOST;
        while (some == MOST && stop.pause(Duration.ZERO)) {
            some = transactions.call(table, this::removeSome);
            removed += some;
        }
        return removed;
    }

    private int removeSome(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(delete)) {
            return statement.executeUpdate();
        }
    }

    @Override
    public String toString() {
        return "table " + table;
    }
}
