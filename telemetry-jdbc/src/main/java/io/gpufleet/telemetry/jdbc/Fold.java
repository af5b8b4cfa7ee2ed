package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.Aggregator;
import io.gpufleet.telemetry.SinkException;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Folds the deliveries in memory, then merges the results into a table, one row a key. Thread-safe. */
final class Fold<T, K, A> implements Step<T> {
    private final Aggregator<T, K, A> aggregator;
    private final PostgresTable<A> table;
    private final String merge;

    Fold(Aggregator<T, K, A> aggregator, PostgresTable<A> table, Optional<String> defaultSchema) {
        this.aggregator = aggregator;
        this.table = table;
        this.merge = new TableSql<>(table, defaultSchema).merge();
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
    public List<PostgresTable<?>> tables() {
        return List.of(table);
    }

    @Override
    public String rightsOn(PostgresTable<?> written) {
        return Rights.UPDATE;
    }

    @Override
    public void run(Write<T> write) throws SQLException {
        List<A> results = List.copyOf(aggregator.aggregate(write.accepted()).values());
        if (results.isEmpty()) {
            return;
        }
        EncodedRows rows = EncodedRows.of(table.columns(), results);
        try (PreparedStatement statement = write.connection().prepareStatement(merge)) {
            rows.bind(statement, rows.sorted());
            requireAll(statement.executeUpdate(), results.size());
        }
    }

    /** A result that vanishes would be missing in the counts for ever. */
    private void requireAll(int written, int expected) {
        if (written != expected && table.version().isEmpty() && !table.isInsertOnly()) {
            throw new SinkException(
                    SinkException.Kind.FATAL,
                    name() + ": " + written + " of " + expected
                            + " rows were merged; a trigger or a rule seems to drop rows");
        }
    }
}
