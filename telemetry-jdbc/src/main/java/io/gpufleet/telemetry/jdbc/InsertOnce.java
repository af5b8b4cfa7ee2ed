package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.Delivery;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * A step that inserts a row for each delivery with a new key, and drops the others before later steps.
 *
 * <p>Duplicates are rare, so rows are first inserted as if there were none, after a savepoint; many are copied. When a
 * key collides, this batch and the next hundred take the slower statement that leaves out existing rows: duplicates
 * come in long stretches, and a failed insert leaves dead rows. Thread-safe.
 */
final class InsertOnce<T> extends Insertion<T> {
    private static final String UNIQUE_VIOLATION = "23505";
    private static final int CAUTIOUS_BATCHES = 100;

    private final String insert;
    private final String insertMissing;
    private final String countPresent;
    private final AtomicInteger cautiousBatches = new AtomicInteger();

    private final Optional<Conflicts> conflicts;
    private final Optional<BinaryCopy> copy;
    private final TableShape shape;
    private volatile boolean isCopied;

    InsertOnce(
            PostgresTable<Delivery<T>> table, Optional<Column<Delivery<T>>> compared, Optional<String> defaultSchema) {
        super(table, defaultSchema);
        TableSql<Delivery<T>> sql = new TableSql<>(table, defaultSchema);
        this.insert = "SAVEPOINT telemetry_insert; " + sql.insert() + "; RELEASE SAVEPOINT telemetry_insert";
        this.copy = BinaryCopy.of(table, defaultSchema);
        this.shape = TableShape.of(table, defaultSchema);
        this.insertMissing = sql.insertMissing();
        this.countPresent = sql.countPresent();
        this.conflicts =
                compared.map(column -> new Conflicts(table.columns().indexOf(column), sql.countSame(List.of(column))));
    }

    @Override
    public void open(Catalog catalog) {
        super.open(catalog);
        isCopied = copy.isPresent() && catalog.takesCopies(shape);
    }

    @Override
    public boolean dropsDuplicates() {
        return true;
    }

    @Override
    List<Delivery<T>> insert(WriteContext<T> write, EncodedRows rows) throws SQLException {
        Connection connection = write.connection();
        List<Delivery<T>> deliveries = write.accepted();
        int[] distinct = rows.sortedDistinct();
        boolean all = !isCautious() && insertedAll(connection, rows, distinct);
        int[] inserted = all ? distinct : insertMissing(connection, rows, distinct);
        if (inserted.length == deliveries.size()) {
            return deliveries;
        }
        if (conflicts.isPresent()) {
            write.conflict(conflicts.get().count(connection, rows, inserted));
        }
        return IntStream.of(inserted).sorted().mapToObj(deliveries::get).toList();
    }

    private boolean isCautious() {
        return cautiousBatches.get() > 0 && cautiousBatches.getAndUpdate(left -> Math.max(left - 1, 0)) > 0;
    }

    /** Inserts all rows and returns true, or none if a key collides. */
    private boolean insertedAll(Connection connection, EncodedRows rows, int[] distinct) throws SQLException {
        try {
            requireAll(insertOrCopy(connection, rows, distinct), distinct.length);
            return true;
        } catch (SQLException e) {
            if (!UNIQUE_VIOLATION.equals(e.getSQLState())) {
                throw e;
            }
        }
        cautiousBatches.set(CAUTIOUS_BATCHES);
        try (Statement statement = connection.createStatement()) {
            statement.execute("ROLLBACK TO SAVEPOINT telemetry_insert; RELEASE SAVEPOINT telemetry_insert");
        }
        return false;
    }

    private int insertOrCopy(Connection connection, EncodedRows rows, int[] distinct) throws SQLException {
        return isCopied && copy.orElseThrow().takes(connection, rows, distinct)
                ? copyAll(connection, rows, distinct)
                : insertAll(connection, rows, distinct);
    }

    private int copyAll(Connection connection, EncodedRows rows, int[] distinct) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SAVEPOINT telemetry_insert");
            long copied = copy.orElseThrow().copy(connection, rows, distinct);
            statement.execute("RELEASE SAVEPOINT telemetry_insert");
            return Math.toIntExact(copied);
        }
    }

    private int insertAll(Connection connection, EncodedRows rows, int[] distinct) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(insert)) {
            rows.bind(statement, distinct);
            statement.execute();
            statement.getMoreResults();
            return statement.getUpdateCount();
        }
    }

    private int[] insertMissing(Connection connection, EncodedRows rows, int[] distinct) throws SQLException {
        int[] inserted;
        try (PreparedStatement statement = connection.prepareStatement(insertMissing)) {
            rows.bind(statement, distinct);
            inserted = EncodedRows.written(statement, distinct);
        }
        if (inserted.length < distinct.length) {
            requireAll(present(connection, rows, distinct), distinct.length);
        }
        return inserted;
    }

    /** Returns the number of keys that exist: a row that was not inserted is a duplicate only if its key exists. */
    private int present(Connection connection, EncodedRows rows, int[] distinct) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(countPresent)) {
            rows.bindKeys(statement, distinct);
            try (ResultSet count = statement.executeQuery()) {
                count.next();
                return count.getInt(1);
            }
        }
    }
}
