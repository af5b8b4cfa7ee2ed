package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.Aggregator;
import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.Validator;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A step that folds the deliveries in memory, then merges the results into a table, one row for each key; the table may
 * be partitioned by day, and old days compacted. Thread-safe.
 */
final class Fold<T, K, A> implements Step<T> {
    private final Aggregator<T, K, A> aggregator;
    private final PostgresTable<A> table;
    private final FoldedDays<T, A> days;
    private final MergeStatements<A> merges;
    private final Optional<UnpackedRows> unpacked;

    /** Rows of a time are written by one message or a few; those of a day or a machine are merged by each batch. */
    private final boolean hasMostlyNewRows;

    Fold(
            Aggregator<T, K, A> aggregator,
            PostgresTable<A> table,
            FoldedDays<T, A> days,
            Optional<String> defaultSchema) {
        this.aggregator = aggregator;
        this.table = table;
        this.days = days;
        this.merges = new MergeStatements<>(table, defaultSchema);
        this.unpacked = UnpackedRows.of(table, defaultSchema, UnpackedRows.Reach.KEYS);
        this.hasMostlyNewRows =
                table.partitionKey().isPresent() && !table.optionalColumns().isEmpty();
    }

    @Override
    public String name() {
        return table.toString();
    }

    @Override
    public boolean blamesRecords() {
        return false;
    }

    @Override
    public boolean isRepeatable() {
        return table.isRepeatable();
    }

    @Override
    public boolean dependsOnRecords() {
        return aggregator.dependsOnRecords();
    }

    @Override
    public List<PostgresTable<?>> tables() {
        return List.of(table);
    }

    @Override
    public String rightsOn(PostgresTable<?> written) {
        return Rights.UPDATE;
    }

    @Override
    public boolean looksIntoPieces() {
        return true;
    }

    @Override
    public Map<TableShape, String> furtherRights() {
        return unpacked.map(UnpackedRows::rights).orElse(Map.of());
    }

    @Override
    public void open(Catalog catalog, int mostDays) {
        unpacked.ifPresent(rows -> rows.open(catalog));
        days.open(catalog, mostDays);
        merges.open(catalog);
    }

    @Override
    public void prepare(Transactions transactions, Batch<T> batch) {
        days.make(transactions, batch);
    }

    @Override
    public List<Validator<T>> keepDays(Connection connection) throws SQLException {
        return days.keep(connection);
    }

    @Override
    public void run(WriteContext<T> write) throws SQLException {
        List<A> results = aggregator.aggregate(write.accepted(), write.batch().deliveries()).values().stream()
                .filter(days.kept(write))
                .toList();
        if (!results.isEmpty()) {
            merge(write, results);
        }
    }

    private void merge(WriteContext<T> write, List<A> results) throws SQLException {
        EncodedRows all = EncodedRows.of(table.columns(), results, write.numbers());
        BitSet left = merges.leftOut(all);
        EncodedRows rows = all.without(left);
        try {
            boolean hasLate = unpacked.isPresent() && unpacked.get().unpack(write.connection(), all);
            requireAll(
                    write(write.connection(), merges.without(left), rows, hasMostlyNewRows && !hasLate),
                    results.size());
        } catch (SQLException e) {
            days.forget();
            throw e;
        }
    }

    private int write(
            Connection connection, MergeStatements.Statements statements, EncodedRows rows, boolean isMostlyNew)
            throws SQLException {
        int[] sorted = rows.sorted();
        if (isMostlyNew) {
            OptionalInt inserted = statements.insert().insertAll(connection, rows, sorted);
            if (inserted.isPresent()) {
                return inserted.getAsInt();
            }
        }
        try (PreparedStatement statement = connection.prepareStatement(statements.merge())) {
            rows.bind(statement, sorted);
            return statement.executeUpdate();
        }
    }

    /** Throws if not every result was merged: a lost one would be missing in the counts for ever. */
    private void requireAll(int written, int expected) {
        if (written != expected && table.version().isEmpty() && !table.isInsertOnly()) {
            throw new SinkException(
                    SinkException.Kind.FATAL,
                    name() + ": " + written + " of " + expected
                            + " rows were merged; look for a trigger or a rule that drops rows");
        }
    }
}
