package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.jdbc.internal.DayPartition;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The day partitions of a table: creates the missing ones, and reports the days that cannot be created because
 * retention has dropped them, they lie too far ahead, or there would be too many partitions.
 *
 * <p>Partitions are created in a transaction of their own, so that their locks are held only briefly: a new table is
 * attached, while other sessions read and write. A share lock on the retention table keeps retention out; it is a lock
 * on the table and not on a row, since sessions that wait for a table lock are served in turn. Locks are taken in this
 * order: retention, parent, days. Thread-safe.
 */
final class DayPartitions {
    /** The number of days ahead of the database's clock up to which days are created, whatever the validator allows. */
    static final int DAYS_AHEAD = 7;

    /** The number of days behind the database's clock for which partitions are always created. */
    static final int DAYS_BEHIND = 7;

    /**
     * The number of partitions from which a consumer creates no older days: a client with a wandering clock would get
     * one for every day since 1970.
     */
    static final int MOST_DAYS = 400;

    /** The limit of days created in one transaction, since other sessions wait for its locks. */
    private static final int DAYS_AT_ONCE = 10;

    private final String table;
    private final DayPartition partition;
    private final String keepWindow;
    private final int mostDays;
    private final Set<LocalDate> known = ConcurrentHashMap.newKeySet();
    private final Set<LocalDate> surplus = ConcurrentHashMap.newKeySet();

    /**
     * Creates the days of a partitioned table.
     *
     * @param parent the table
     * @param retentionTable the table that holds the first day that is kept
     * @param schema the schema that the table lies in
     * @param mostDays the number of partitions from which no older days are created: {@link #MOST_DAYS}, or more for an
     *     import of history
     */
    DayPartitions(TableShape parent, TableShape retentionTable, String schema, int mostDays) {
        this.mostDays = mostDays;
        this.table = parent.name();
        this.partition = new DayPartition(schema, table);
        String retention = retentionTable.qualifiedName();
        this.keepWindow =
                "LOCK TABLE " + retention + " IN SHARE MODE; SELECT coalesce(max(kept_from) - date '1970-01-01', 0),"
                        + " (now() AT TIME ZONE 'UTC')::date - date '1970-01-01' FROM " + retention;
    }

    /** Creates the missing days of some times, unless retention has dropped them. */
    void make(Transactions transactions, Stream<Instant> times) {
        TreeSet<LocalDate> missing = new TreeSet<>(Comparator.reverseOrder());
        times.map(KeptDays::dayOf).forEach(missing::add);
        missing.removeAll(known);
        while (!missing.isEmpty()) {
            List<LocalDate> some = missing.stream().limit(DAYS_AT_ONCE).toList();
            known.addAll(transactions.call("days of table " + table, connection -> make(connection, some)));
            some.forEach(missing::remove);
        }
    }

    /** Forgets the known days. */
    void forget() {
        known.clear();
        surplus.clear();
    }

    private Collection<LocalDate> make(Connection connection, List<LocalDate> days) throws SQLException {
        KeptDays kept = keep(connection);
        List<LocalDate> wanted = days.stream().filter(kept::contains).toList();
        if (wanted.isEmpty()) {
            return wanted;
        }
        List<LocalDate> made = new ArrayList<>();
        try (Statement statement = connection.createStatement()) {
            partition.lockParent(statement);
            for (LocalDate day : wanted) {
                if (hasRoom(statement, day, kept)) {
                    partition.make(statement, day);
                    made.add(day);
                }
            }
        }
        surplus.removeAll(made);
        return made;
    }

    /**
     * Returns whether a day exists, is recent, or still fits the limit of partitions; the most recent answer is
     * remembered.
     */
    private boolean hasRoom(Statement statement, LocalDate day, KeptDays kept) throws SQLException {
        if (!day.isBefore(kept.last().minusDays(DAYS_AHEAD + DAYS_BEHIND))) {
            return true;
        }
        boolean hasRoom = partition.hasRoom(statement, day, mostDays);
        if (!hasRoom) {
            surplus.add(day);
        }
        return hasRoom;
    }

    /** Keeps retention out until the transaction ends, and returns the days that are kept until then. */
    KeptDays keep(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(keepWindow);
            statement.getMoreResults();
            try (ResultSet row = statement.getResultSet()) {
                row.next();
                return new KeptDays(
                        LocalDate.ofEpochDay(row.getInt(1)),
                        LocalDate.ofEpochDay(row.getInt(2) + DAYS_AHEAD),
                        this::surplusOf);
            }
        }
    }

    private Optional<String> surplusOf(LocalDate day) {
        return !surplus.isEmpty() && surplus.contains(day)
                ? Optional.of(day + " would be one day too many: table " + table + " has " + mostDays + " partitions or"
                        + " more, so no partition is created for a day more than " + DAYS_BEHIND + " days behind the"
                        + " database's clock; create a partition that covers the day by hand to keep such records")
                : Optional.empty();
    }
}
