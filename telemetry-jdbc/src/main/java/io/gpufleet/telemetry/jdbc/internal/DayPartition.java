package io.gpufleet.telemetry.jdbc.internal;

import io.gpufleet.telemetry.SinkException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;

/**
 * The partitions of a table by UTC day, created in the transaction of a statement. Whatever its name and origin, a
 * partition that covers a day counts as the day. Immutable, thread-safe.
 */
public final class DayPartition {
    private static final DateTimeFormatter SUFFIX = DateTimeFormatter.ofPattern("_uuuuMMdd");
    private static final String OVERLAP = "42P17";
    private static final String EXISTS = "42P07";

    private static final String COUNT = "SELECT count(*) FROM pg_inherits WHERE inhparent = to_regclass(%s)";

    /** Whether a partition, whatever its origin, covers a day. It takes long for thousands of them. */
    private static final String COVERAGE = """
            SELECT coalesce(bool_or(
                CASE WHEN bounds[1] IS NULL THEN false
                    ELSE bounds[1]::timestamptz <= at AND at < bounds[2]::timestamptz END), false) AS covered
            FROM (VALUES ('%2$s 00:00:00+00'::timestamptz)) AS day(at), pg_inherits AS i
                JOIN pg_class AS p ON p.oid = i.inhrelid
                CROSS JOIN LATERAL (SELECT regexp_match(pg_get_expr(p.relpartbound, p.oid),
                    'FROM [(]''([^'']+)''[)] TO [(]''([^'']+)''[)]') AS bounds) AS b
            WHERE i.inhparent = to_regclass(%1$s)""";

    private final String schema;
    private final String table;

    /**
     * Names a table.
     *
     * @param schema the schema that it lies in
     * @param table its name
     */
    public DayPartition(String schema, String table) {
        this.schema = Identifier.quote(schema);
        this.table = table;
    }

    /** Locks the table, so that no other session creates or drops a day. */
    public void lockParent(Statement statement) throws SQLException {
        statement.execute("LOCK TABLE " + parent() + " IN SHARE UPDATE EXCLUSIVE MODE");
    }

    /** Returns whether a day exists, or the table has fewer partitions than a number. */
    public boolean hasRoom(Statement statement, LocalDate day, int mostDays) throws SQLException {
        return count(statement) < mostDays || isCovered(statement, day);
    }

    private long count(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery(COUNT.formatted(literal(parent())))) {
            row.next();
            return row.getLong(1);
        }
    }

    /** Creates a day, unless its partition exists or a partition of another origin covers it. */
    public void make(Statement statement, LocalDate day) throws SQLException {
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
}
