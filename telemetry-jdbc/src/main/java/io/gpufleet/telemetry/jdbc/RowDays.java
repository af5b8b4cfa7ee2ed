package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.internal.HostFault;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The days of the rows that a step writes into one table. Empty if the table is not partitioned, or declared without a
 * partition key. Thread-safe.
 *
 * @param <R> the type of the rows
 */
final class RowDays<R> {
    private final PostgresTable<R> table;
    private final Optional<String> defaultSchema;
    private final RecentDay recentDay = new RecentDay();
    private volatile Optional<DayPartitions> days = Optional.empty();

    RowDays(PostgresTable<R> table, Optional<String> defaultSchema) {
        this.table = table;
        this.defaultSchema = defaultSchema;
    }

    /**
     * Finds out whether the table is partitioned.
     *
     * @param mostDays the number of partitions from which no older days are created
     */
    void open(Catalog catalog, int mostDays) {
        TableShape shape = TableShape.of(table, defaultSchema);
        boolean partitioned = catalog.kindOf(shape).equals(Optional.of(Catalog.PARTITIONED));
        days = table.partitionKey().filter(key -> partitioned).map(key -> {
            TableShape retention = key.retentionShape().in(shape.schema());
            catalog.require(List.of(retention));
            return new DayPartitions(shape, retention, catalog.schemaOf(shape), mostDays);
        });
    }

    /**
     * Creates the days of some rows. A row whose time cannot be read needs none.
     *
     * @param rows read only if the table is partitioned
     */
    void make(Transactions transactions, Stream<? extends R> rows) {
        makeDays(transactions, () -> {
            Set<LocalDate> needed = new HashSet<>();
            rows.forEach(row -> addReadableDay(row, needed));
            return needed;
        });
    }

    /**
     * Creates some days.
     *
     * @param wanted the days, read only if the table is partitioned
     */
    void makeDays(Transactions transactions, Supplier<? extends Collection<LocalDate>> wanted) {
        days.ifPresent(partitions ->
                partitions.make(transactions, wanted.get().stream().map(RowDays::startOf)));
    }

    private static Instant startOf(LocalDate day) {
        return day.atStartOfDay(ZoneOffset.UTC).toInstant();
    }

    private void addReadableDay(R row, Set<LocalDate> needed) {
        try {
            needed.add(dayOf(row));
        } catch (Throwable e) {
            HostFault.requireOwn(e);
        }
    }

    /**
     * Keeps retention out until the transaction ends, and returns the kept days; absent if the table is not
     * partitioned.
     */
    Optional<KeptDays> keep(Connection connection) throws SQLException {
        Optional<DayPartitions> partitions = days;
        return partitions.isPresent() ? Optional.of(partitions.get().keep(connection)) : Optional.empty();
    }

    /** Returns the day of a row, or throws what the host's extractor throws. */
    LocalDate dayOf(R row) {
        return recentDay.of(table.partitionKey().orElseThrow().time().apply(row));
    }

    /** Forgets the known days, after a write has failed. */
    void forget() {
        days.ifPresent(DayPartitions::forget);
    }
}
