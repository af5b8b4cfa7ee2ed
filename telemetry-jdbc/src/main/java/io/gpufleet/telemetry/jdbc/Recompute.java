package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.Aggregator;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A step that runs a statement of the host's own over the rows that a batch touches, after the steps before have
 * written them. Thread-safe.
 */
final class Recompute<T, K, A> implements Step<T> {
    private final Aggregator<T, K, A> touched;
    private final PostgresTable<A> table;
    private final List<Column<A>> keys;
    private final RowDays<A> days;
    private final Optional<UnpackedRows> unpacked;
    private final String statement;

    Recompute(Aggregator<T, K, A> touched, PostgresTable<A> table, String update, Optional<String> defaultSchema) {
        this.touched = touched;
        this.table = table;
        this.keys = table.columns(Merge.Kind.KEY);
        this.days = new RowDays<>(table, defaultSchema);
        this.unpacked = UnpackedRows.of(table, defaultSchema, UnpackedRows.Reach.HOUR_AFTER);
        String rows = new TableSql<>(table, defaultSchema).rowsOfKeys();
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
    public boolean looksIntoPieces() {
        return true;
    }

    @Override
    public Map<TableShape, String> furtherRights() {
        return unpacked.map(UnpackedRows::rights).orElse(Map.of());
    }

    @Override
    public void open(Catalog catalog, int mostDays) {
        if (unpacked.isPresent()) {
            days.open(catalog, mostDays);
            unpacked.get().open(catalog);
        }
    }

    @Override
    public void run(WriteContext<T> write) throws SQLException {
        List<A> results = List.copyOf(
                touched.aggregate(write.accepted(), write.batch().deliveries()).values());
        if (results.isEmpty()) {
            return;
        }
        EncodedRows rows = EncodedRows.of(keys, results, write.numbers());
        if (unpacked.isPresent()) {
            days.keep(write.connection());
            unpacked.get().unpack(write.connection(), rows);
        }
        try (PreparedStatement update = write.connection().prepareStatement(statement)) {
            rows.bind(update, rows.sorted());
            update.executeUpdate();
        }
    }
}
