package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.Delivery;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * A step that inserts a row for each delivery with a new key, and drops the others before later steps.
 *
 * <p>Duplicates are rare, so rows are first inserted as if there were none. Thread-safe.
 */
final class InsertOnce<T> extends Insertion<T> {
    private final PostgresTable<Delivery<T>> table;
    private final Optional<String> defaultSchema;
    private final String insertMissing;
    private final String countPresent;
    private final Optional<Conflicts> conflicts;
    private volatile OptimisticInsert optimistic;

    InsertOnce(
            PostgresTable<Delivery<T>> table, Optional<Column<Delivery<T>>> compared, Optional<String> defaultSchema) {
        super(table, defaultSchema);
        TableSql<Delivery<T>> sql = new TableSql<>(table, defaultSchema);
        this.table = table;
        this.defaultSchema = defaultSchema;
        this.optimistic = new OptimisticInsert(table, defaultSchema, false);
        this.insertMissing = sql.insertMissing();
        this.countPresent = sql.countPresent();
        this.conflicts =
                compared.map(column -> new Conflicts(table.columns().indexOf(column), sql.countSame(List.of(column))));
    }

    @Override
    public void open(Catalog catalog, int mostDays) {
        super.open(catalog, mostDays);
        optimistic =
                new OptimisticInsert(table, defaultSchema, catalog.takesCopies(TableShape.of(table, defaultSchema)));
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
        int[] inserted = isInserted(connection, rows, distinct) ? distinct : insertMissing(connection, rows, distinct);
        if (inserted.length == deliveries.size()) {
            return deliveries;
        }
        if (conflicts.isPresent()) {
            write.conflict(conflicts.get().count(connection, rows, inserted));
        }
        return IntStream.of(inserted).sorted().mapToObj(deliveries::get).toList();
    }

    private boolean isInserted(Connection connection, EncodedRows rows, int[] distinct) throws SQLException {
        OptionalInt inserted = optimistic.insertAll(connection, rows, distinct);
        if (inserted.isPresent()) {
            requireAll(inserted.getAsInt(), distinct.length);
        }
        return inserted.isPresent();
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
