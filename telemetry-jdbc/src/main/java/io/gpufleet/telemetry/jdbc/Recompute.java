package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.Aggregator;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * A step that runs a statement of the host's own over the rows that a batch touches, after the steps before have
 * written them. Thread-safe.
 */
final class Recompute<T, K, A> implements Step<T> {
    private final Aggregator<T, K, A> touched;
    private final PostgresTable<A> table;
    private final String statement;

    Recompute(Aggregator<T, K, A> touched, PostgresTable<A> table, String update, Optional<String> defaultSchema) {
        this.touched = touched;
        this.table = table;
        String rows = new TableSql<>(table, defaultSchema).rows();
        this.statement = Identifier.qualifyAll(table.schema().or(() -> defaultSchema), update.replace("{rows}", rows));
    }

    @Override
    public String name() {
        return table + ", recomputed";
    }

    @Override
    public boolean blamesRecords() {
        return false;
    }

    @Override
    public boolean isRepeatable() {
        return true;
    }

    @Override
    public boolean dependsOnRecords() {
        return touched.dependsOnRecords();
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
    public void run(WriteContext<T> write) throws SQLException {
        List<A> keys = List.copyOf(
                touched.aggregate(write.accepted(), write.batch().deliveries()).values());
        if (keys.isEmpty()) {
            return;
        }
        EncodedRows rows = EncodedRows.of(table.columns(), keys, write.numbers());
        try (PreparedStatement update = write.connection().prepareStatement(statement)) {
            rows.bind(update, rows.sorted());
            update.executeUpdate();
        }
    }
}
