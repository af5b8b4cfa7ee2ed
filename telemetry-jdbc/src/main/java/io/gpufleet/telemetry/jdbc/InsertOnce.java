package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.Delivery;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * A step that inserts a row for each delivery with a new key, and drops the others before later steps.
 *
 * <p>Duplicates are rare, so rows are first inserted as if there were none; not those of compacted days, whose keys are
 * in pieces. Thread-safe.
 */
final class InsertOnce<T> extends Insertion<T> {
    private final PostgresTable<Delivery<T>> table;
    private final Optional<String> defaultSchema;
    private final String insertMissing;
    private final String countPresent;
    private final Optional<Conflicts> conflicts;
    private final Optional<CompactedRows> compacted;
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
        this.compacted = table.isCompactedByHour()
                ? Optional.of(new CompactedRows(table, compared, defaultSchema))
                : Optional.empty();
    }

    @Override
    public boolean looksIntoPieces() {
        return true;
    }

    @Override
    public Map<TableShape, String> furtherRights() {
        return compacted.map(CompactedRows::rights).orElse(Map.of());
    }

    @Override
    public void open(Catalog catalog, int mostDays) {
        super.open(catalog, mostDays);
        compacted.ifPresent(rows -> rows.open(catalog));
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
        CompactedRows.Found late =
                compacted.isPresent() ? compacted.get().find(connection, rows) : CompactedRows.Found.NONE;
        int[] inserted = insert(connection, rows, late);
        if (inserted.length == deliveries.size()) {
            return deliveries;
        }
        if (conflicts.isPresent()) {
            write.conflict(late.conflicts() + conflicts.get().count(connection, rows, inserted, late.stored()));
        }
        return IntStream.of(inserted).sorted().mapToObj(deliveries::get).toList();
    }

    private int[] insert(Connection connection, EncodedRows rows, CompactedRows.Found late) throws SQLException {
        int[] distinct = rows.sortedDistinct();
        if (late.rows().isEmpty()) {
            return insertNew(connection, rows, distinct);
        }
        int[] others =
                IntStream.of(distinct).filter(row -> !late.rows().get(row)).toArray();
        int[] missing = IntStream.of(distinct).filter(late::isMissing).toArray();
        return IntStream.concat(
                        IntStream.of(insertNew(connection, rows, others)),
                        IntStream.of(insertMissing(connection, rows, missing)))
                .toArray();
    }

    private int[] insertNew(Connection connection, EncodedRows rows, int[] distinct) throws SQLException {
        boolean isDone = distinct.length == 0 || isInserted(connection, rows, distinct);
        return isDone ? distinct : insertMissing(connection, rows, distinct);
    }

    private boolean isInserted(Connection connection, EncodedRows rows, int[] distinct) throws SQLException {
        OptionalInt inserted = optimistic.insertAll(connection, rows, distinct);
        if (inserted.isPresent()) {
            requireAll(inserted.getAsInt(), distinct.length);
        }
        return inserted.isPresent();
    }

    private int[] insertMissing(Connection connection, EncodedRows rows, int[] distinct) throws SQLException {
        if (distinct.length == 0) {
            return distinct;
        }
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
