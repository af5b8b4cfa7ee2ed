package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.Validator;
import io.gpufleet.telemetry.internal.HostFault;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

/** A step that inserts a row for each delivery, into a table that may be partitioned by day. Thread-safe. */
abstract class Insertion<T> implements Step<T> {
    private final PostgresTable<Delivery<T>> table;
    private final RowDays<Delivery<T>> days;

    Insertion(PostgresTable<Delivery<T>> table, Optional<String> defaultSchema) {
        this.table = table;
        this.days = new RowDays<>(table, defaultSchema);
    }

    @Override
    public final String name() {
        return table.toString();
    }

    @Override
    public final boolean blamesRecords() {
        return true;
    }

    @Override
    public final List<PostgresTable<?>> tables() {
        return List.of(table);
    }

    @Override
    public void open(Catalog catalog, int mostDays) {
        days.open(catalog, mostDays);
    }

    /**
     * Creates the days of the deliveries. One whose time cannot be read needs none, since it is refused before the
     * write.
     */
    @Override
    public final void prepare(Transactions transactions, Batch<T> batch) {
        days.make(transactions, batch.deliveries().stream());
    }

    @Override
    public final List<Validator<T>> keepDays(Connection connection) throws SQLException {
        return days.keep(connection).stream()
                .<Validator<T>>map(kept -> delivery -> faultsOf(delivery, kept))
                .toList();
    }

    private List<String> faultsOf(Delivery<T> delivery, KeptDays kept) {
        LocalDate day;
        try {
            day = days.dayOf(delivery);
        } catch (Throwable e) {
            return List.of("table " + table.name() + ": " + HostFault.describe(e));
        }
        return kept.faultOf(day).map(List::of).orElse(List.of());
    }

    @Override
    public final void run(WriteContext<T> write) throws SQLException {
        List<Delivery<T>> deliveries = write.accepted();
        if (deliveries.isEmpty()) {
            return;
        }
        try {
            EncodedRows rows =
                    RecordFault.blame(name(), () -> EncodedRows.of(table.columns(), deliveries, write.numbers()));
            write.accept(insert(write, rows));
        } catch (SQLException e) {
            days.forget();
            throw e;
        }
    }

    /** Inserts the rows of the accepted deliveries, and returns those whose rows were inserted, in their order. */
    abstract List<Delivery<T>> insert(WriteContext<T> write, EncodedRows rows) throws SQLException;

    /** Throws if rows are missing, as no record's fault: a trigger or rule may drop some rows or all. */
    final void requireAll(int there, int expected) {
        if (there != expected) {
            throw new SinkException(
                    SinkException.Kind.FATAL_PERHAPS_DATA,
                    name() + ": " + there + " of " + expected
                            + " rows were inserted or existed before; look for a trigger or a rule that drops rows");
        }
    }
}
