package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.internal.HostFault;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * The days of a table that is partitioned by UTC day: makes those that a batch needs, and refuses deliveries of days
 * that retention has dropped or that lie far ahead.
 *
 * <p>Days are made in a transaction of their own, so that their locks are held for an instant: a new table is attached,
 * which lets others read and write meanwhile. Retention is kept away by a share lock on its table, not on its row,
 * since those who wait for a table are served in turn. Both are taken in this order: retention, parent, days.
 * Thread-safe.
 */
final class DayPartitions<T> {
    /** How far ahead of the database's clock days are made, however far the validator lets times go. */
    static final int DAYS_AHEAD = 7;

    private static final DateTimeFormatter SUFFIX = DateTimeFormatter.ofPattern("_uuuuMMdd");
    private static final String OVERLAP = "42P17";

    private final Function<? super Delivery<T>, Instant> time;
    private final String schema;
    private final String table;
    private final String keepWindow;
    private final Set<LocalDate> known = ConcurrentHashMap.newKeySet();

    /**
     * Describes a partitioned table.
     *
     * @param key what the table is partitioned by
     * @param parent the table
     * @param schema the schema that it lies in
     */
    DayPartitions(PartitionKey<Delivery<T>> key, TableShape parent, String schema) {
        this.time = key.time();
        this.schema = Identifier.quote(schema);
        this.table = parent.name();
        String retention = Identifier.qualify(parent.schema(), key.retention());
        this.keepWindow =
                "LOCK TABLE " + retention + " IN SHARE MODE; SELECT coalesce(max(kept_from) - date '1970-01-01', 0),"
                        + " (now() AT TIME ZONE 'UTC')::date - date '1970-01-01' FROM " + retention;
    }

    /** Makes the days of a batch that are not there yet, as far as they are to be kept. */
    void make(Transactions transactions, Batch<T> batch) {
        Set<LocalDate> missing = new TreeSet<>();
        batch.deliveries().forEach(delivery -> addDay(delivery, missing));
        missing.removeAll(known);
        if (!missing.isEmpty()) {
            known.addAll(transactions.call("days of table " + table, connection -> make(connection, missing)));
        }
    }

    /** Forgets which days are there. */
    void forget() {
        known.clear();
    }

    private Collection<LocalDate> make(Connection connection, Set<LocalDate> days) throws SQLException {
        Window window = keepWindow(connection);
        List<LocalDate> wanted = days.stream().filter(window::contains).toList();
        try (Statement statement = connection.createStatement()) {
            statement.execute("LOCK TABLE " + parent() + " IN SHARE UPDATE EXCLUSIVE MODE");
            for (LocalDate day : wanted) {
                make(statement, day);
            }
        }
        return wanted;
    }

    /** Makes a day, unless it is there, or a partition that somebody else made covers it. */
    private void make(Statement statement, LocalDate day) throws SQLException {
        String partition = schema + '.' + Identifier.quote(table + SUFFIX.format(day));
        if (isAttached(statement, partition)) {
            return;
        }
        Savepoint before = statement.getConnection().setSavepoint();
        try {
            statement.execute("CREATE TABLE " + partition + " (LIKE " + parent()
                    + " INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE); ALTER TABLE " + parent()
                    + " ATTACH PARTITION " + partition + " FOR VALUES FROM ('" + day + " 00:00:00+00') TO ('"
                    + day.plusDays(1) + " 00:00:00+00')");
        } catch (SQLException e) {
            if (!OVERLAP.equals(e.getSQLState())) {
                throw e;
            }
            statement.getConnection().rollback(before);
        }
    }

    private boolean isAttached(Statement statement, String partition) throws SQLException {
        try (ResultSet found = statement.executeQuery("SELECT 1 FROM pg_inherits WHERE inhrelid = to_regclass('"
                + partition + "') AND inhparent = to_regclass('" + parent() + "')")) {
            return found.next();
        }
    }

    private String parent() {
        return schema + '.' + Identifier.quote(table);
    }

    /** Sets deliveries aside whose day is not kept, and keeps retention away until the transaction ends. */
    Batch<T> refuse(Connection connection, Batch<T> batch) throws SQLException {
        Window window = keepWindow(connection);
        return batch.refuse(delivery -> faultsOf(delivery, window));
    }

    private Window keepWindow(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(keepWindow);
            statement.getMoreResults();
            try (ResultSet row = statement.getResultSet()) {
                row.next();
                return new Window(
                        LocalDate.ofEpochDay(row.getInt(1)), LocalDate.ofEpochDay(row.getInt(2) + DAYS_AHEAD));
            }
        }
    }

    /** A delivery whose time cannot be read needs no day: it is refused before it is written. */
    private void addDay(Delivery<T> delivery, Set<LocalDate> days) {
        try {
            days.add(day(delivery));
        } catch (Throwable e) {
            HostFault.requireOwn(e);
        }
    }

    private List<String> faultsOf(Delivery<T> delivery, Window window) {
        LocalDate day;
        try {
            day = day(delivery);
        } catch (Throwable e) {
            return List.of("table " + table + ": " + HostFault.describe(e));
        }
        return window.faultsOf(day);
    }

    private LocalDate day(Delivery<T> delivery) {
        return LocalDate.ofInstant(time.apply(delivery), ZoneOffset.UTC);
    }

    /** The days that are kept, both included. */
    private record Window(LocalDate first, LocalDate last) {
        boolean contains(LocalDate day) {
            return faultsOf(day).isEmpty();
        }

        List<String> faultsOf(LocalDate day) {
            if (day.isBefore(first)) {
                return List.of("beyond retention: " + day + " is before " + first + ", the first day that is kept");
            }
            return day.isAfter(last)
                    ? List.of(day + " is more than " + DAYS_AHEAD + " days ahead of the database's clock")
                    : List.of();
        }
    }
}
