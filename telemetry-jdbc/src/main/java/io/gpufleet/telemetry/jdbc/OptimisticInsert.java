package io.gpufleet.telemetry.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The insert of rows as if none of their keys existed, after a savepoint; many rows are copied. When a key collides,
 * this batch and the next hundred are left to a slower statement: stored keys come in long stretches, and a failed
 * insert leaves dead rows. Thread-safe.
 */
final class OptimisticInsert {
    private static final String UNIQUE_VIOLATION = "23505";
    private static final int CAUTIOUS_BATCHES = 100;

    private final String insert;
    private final Optional<BinaryCopy> copy;
    private final AtomicInteger cautiousBatches = new AtomicInteger();

    /**
     * Prepares the insert into a table.
     *
     * @param isCopied whether {@code COPY} into the table does the same as an insert
     */
    OptimisticInsert(PostgresTable<?> table, Optional<String> defaultSchema, boolean isCopied) {
        this.insert = "SAVEPOINT telemetry_insert; " + new TableSql<>(table, defaultSchema).insert()
                + "; RELEASE SAVEPOINT telemetry_insert";
        this.copy = isCopied ? BinaryCopy.of(table, defaultSchema) : Optional.empty();
    }

    /**
     * Inserts all rows and returns their number; or inserts none, and returns nothing, if a key collides, or has
     * collided lately.
     *
     * @param order the rows in the order of their keys, which are distinct
     */
    OptionalInt insertAll(Connection connection, EncodedRows rows, int[] order) throws SQLException {
        if (isCautious()) {
            return OptionalInt.empty();
        }
        try {
            return OptionalInt.of(
                    copy.isPresent() && copy.get().takes(connection, rows, order)
                            ? copyAll(connection, copy.get(), rows, order)
                            : insertArrays(connection, rows, order));
        } catch (SQLException e) {
            if (!UNIQUE_VIOLATION.equals(e.getSQLState())) {
                throw e;
            }
        }
        cautiousBatches.set(CAUTIOUS_BATCHES);
        try (Statement statement = connection.createStatement()) {
            statement.execute("ROLLBACK TO SAVEPOINT telemetry_insert; RELEASE SAVEPOINT telemetry_insert");
        }
        return OptionalInt.empty();
    }

    private boolean isCautious() {
        return cautiousBatches.get() > 0 && cautiousBatches.getAndUpdate(left -> Math.max(left - 1, 0)) > 0;
    }

    private static int copyAll(Connection connection, BinaryCopy copy, EncodedRows rows, int[] order)
            throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SAVEPOINT telemetry_insert");
            long copied = copy.copy(connection, rows, order);
            statement.execute("RELEASE SAVEPOINT telemetry_insert");
            return Math.toIntExact(copied);
        }
    }

    private int insertArrays(Connection connection, EncodedRows rows, int[] order) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(insert)) {
            rows.bind(statement, order);
            statement.execute();
            statement.getMoreResults();
            return statement.getUpdateCount();
        }
    }
}
