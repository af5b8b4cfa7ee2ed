package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.SinkException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Inserts a row for each delivery whose key is not there yet, and keeps the others from the steps that follow.
 *
 * <p>Duplicates are rare, so rows are first inserted as if there were none, behind a savepoint. When a key collides,
 * this batch and the next hundred take the slower statement that leaves out what is there: a replay comes in long
 * stretches, and an insert that fails leaves dead rows. Thread-safe.
 */
final class InsertOnce<T> implements Step<T> {
    private static final String UNIQUE_VIOLATION = "23505";
    private static final int CAUTIOUS_BATCHES = 100;

    private final PostgresTable<Delivery<T>> table;
    private final String insert;
    private final String insertMissing;
    private final Optional<String> defaultSchema;
    private final AtomicInteger cautiousBatches = new AtomicInteger();
    private volatile Optional<DayPartitions<T>> days = Optional.empty();

    InsertOnce(PostgresTable<Delivery<T>> table, Optional<String> defaultSchema) {
        TableSql<Delivery<T>> sql = new TableSql<>(table, defaultSchema);
        this.table = table;
        this.defaultSchema = defaultSchema;
        this.insert = "SAVEPOINT telemetry_insert; " + sql.insert() + "; RELEASE SAVEPOINT telemetry_insert";
        this.insertMissing = sql.insertMissing();
    }

    @Override
    public String name() {
        return table.toString();
    }

    @Override
    public boolean blamesRecords() {
        return true;
    }

    @Override
    public List<PostgresTable<?>> tables() {
        return List.of(table);
    }

    @Override
    public void open(Catalog catalog) {
        TableShape shape = TableShape.of(table, defaultSchema);
        boolean partitioned = catalog.kindOf(shape).equals(Optional.of(Catalog.PARTITIONED));
        days = table.partitionKey().filter(key -> partitioned).map(key -> {
            catalog.require(List.of(key.retentionShape().in(shape.schema())));
            return new DayPartitions<>(key, shape, catalog.schemaOf(shape));
        });
    }

    @Override
    public void prepare(Transactions transactions, Batch<T> batch) {
        days.ifPresent(partitions -> partitions.make(transactions, batch));
    }

    @Override
    public Batch<T> refuse(Connection connection, Batch<T> batch) throws SQLException {
        return days.isPresent() ? days.get().refuse(connection, batch) : batch;
    }

    @Override
    public void run(Write<T> write) throws SQLException {
        List<Delivery<T>> deliveries = write.accepted();
        if (deliveries.isEmpty()) {
            return;
        }
        EncodedRows rows = EncodedRows.of(table.columns(), deliveries);
        int[] distinct = rows.sortedDistinct();
        int[] inserted = insert(write.connection(), rows, distinct);
        if (inserted.length < deliveries.size()) {
            write.accept(
                    IntStream.of(inserted).sorted().mapToObj(deliveries::get).toList());
        }
    }

    private int[] insert(Connection connection, EncodedRows rows, int[] distinct) throws SQLException {
        try {
            boolean all = !isCautious() && insertedAll(connection, rows, distinct);
            return all ? distinct : insertMissing(connection, rows, distinct);
        } catch (SQLException e) {
            days.ifPresent(DayPartitions::forget);
            throw e;
        }
    }

    private boolean isCautious() {
        return cautiousBatches.get() > 0 && cautiousBatches.getAndUpdate(left -> Math.max(left - 1, 0)) > 0;
    }

    /** Inserts all rows or, if a key collides, none. */
    private boolean insertedAll(Connection connection, EncodedRows rows, int[] distinct) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(insert)) {
            rows.bind(statement, distinct);
            statement.execute();
            requireAll(statement, distinct.length);
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

    private void requireAll(PreparedStatement statement, int expected) throws SQLException {
        statement.getMoreResults();
        int inserted = statement.getUpdateCount();
        if (inserted != expected) {
            throw new SinkException(
                    SinkException.Kind.FATAL,
                    name() + ": " + inserted + " of " + expected
                            + " rows were inserted without a conflict; a trigger or a rule seems to drop rows");
        }
    }

    private int[] insertMissing(Connection connection, EncodedRows rows, int[] distinct) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(insertMissing)) {
            rows.bind(statement, distinct);
            return EncodedRows.written(statement, distinct);
        }
    }
}
