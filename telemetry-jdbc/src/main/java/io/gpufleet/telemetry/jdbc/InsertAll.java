package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.Delivery;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * A step that inserts a row for each delivery into a table without a key; later steps see all deliveries. Thread-safe.
 */
final class InsertAll<T> extends Insertion<T> {
    private final TableShape keyed;
    private final String insert;

    InsertAll(PostgresTable<Delivery<T>> table, Optional<String> defaultSchema) {
        super(table.withoutUniqueKey(), defaultSchema);
        this.keyed = TableShape.of(table, defaultSchema);
        this.insert = new TableSql<>(table, defaultSchema).insert();
    }

    @Override
    public boolean isIdempotent() {
        return false;
    }

    @Override
    public void open(Catalog catalog, int mostDays) {
        catalog.requireNoKey(keyed);
        super.open(catalog, mostDays);
    }

    @Override
    List<Delivery<T>> insert(WriteContext<T> write, EncodedRows rows) throws SQLException {
        try (PreparedStatement statement = write.connection().prepareStatement(insert)) {
            rows.bindAll(statement);
            requireAll(statement.executeUpdate(), write.accepted().size());
        }
        return write.accepted();
    }
}
