package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
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

    private static final DateTimeFormatter SUFFIX = DateTimeFormatter.ofPattern("_uuuuMMdd");
    private static final String OVERLAP = "42P17";
    private static final String EXISTS = "42P07";

    /** The number of partitions, and whether one of them, whatever its origin, covers a day. */
    private static final String COVERAGE = """
            SELECT count(*) AS partitions, coalesce(bool_or(
                CASE WHEN bounds[1] IS NULL THEN false
                    ELSE bounds[1]::timestamptz <= at AND at < bounds[2]::timestamptz END), false) AS covered
            FROM (VALUES ('%2$s 00:00:00+00'::timestamptz)) AS day(at), pg_inherits AS i
                JOIN pg_class AS p ON p.oid = i.inhrelid
                CROSS JOIN LATERAL (SELECT regexp_match(pg_get_expr(p.relpartbound, p.oid),
                    'FROM [(]''([^'']+)''[)] TO [(]''([^'']+)''[)]') AS bounds) AS b
            WHERE i.inhparent = to_regclass(%1$s)""";

    private final String schema;
    private final String table;
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
        this.schema = Identifier.quote(schema);
        this.table = parent.name();
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
            statement.execute("LOCK TABLE " + parent() + " IN SHARE UPDATE EXCLUSIVE MODE");
            for (LocalDate day : wanted) {
                if (hasRoom(statement, day, kept)) {
                    make(statement, day);
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
        try (ResultSet row = statement.executeQuery(COVERAGE.formatted(literal(parent()), day))) {
            row.next();
            boolean hasRoom = row.getBoolean("covered") || row.getInt("partitions") < mostDays;
            if (!hasRoom) {
                surplus.add(day);
            }
            return hasRoom;
        }
    }

    /** Creates a day, unless its partition exists or a partition of another origin covers it. */
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
            if (hasIdentityOfWholeRows(statement)) {
                statement.execute("ALTER TABLE " + partition + " REPLICA IDENTITY FULL");
            }
        } catch (SQLException e) {
            if (!OVERLAP.equals(e.getSQLState()) && !EXISTS.equals(e.getSQLState())) {
                throw e;
            }
            statement.getConnection().rollback(before);
            if (EXISTS.equals(e.getSQLState()) && !isCovered(statement, day)) {
                throw new SinkException(
                        SinkException.Kind.FATAL,
                        "table " + partition + " exists but is not a partition of "
                                + parent() + ", perhaps because it was detached, so no row of " + day
                                + " can be written: attach it again (ALTER TABLE … ATTACH PARTITION …), rename it or drop it",
                        e);
            }
        }
    }

    private boolean isCovered(Statement statement, LocalDate day) throws SQLException {
        try (ResultSet row = statement.executeQuery(COVERAGE.formatted(literal(parent()), day))) {
            row.next();
            return row.getBoolean("covered");
        }
    }

    /** Returns whether the parent has REPLICA IDENTITY FULL, which a partition does not inherit. */
    private boolean hasIdentityOfWholeRows(Statement statement) throws SQLException {
        try (ResultSet found = statement.executeQuery("SELECT 1 FROM pg_class WHERE relreplident = 'f' AND oid ="
                + " to_regclass(" + literal(parent()) + ")")) {
            return found.next();
        }
    }

    private boolean isAttached(Statement statement, String partition) throws SQLException {
        try (ResultSet found = statement.executeQuery("SELECT 1 FROM pg_inherits WHERE inhrelid = to_regclass("
                + literal(partition) + ") AND inhparent = to_regclass(" + literal(parent()) + ")")) {
            return found.next();
        }
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    private String parent() {
        return schema + '.' + Identifier.quote(table);
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
