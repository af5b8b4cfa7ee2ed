package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import io.gpufleet.telemetry.jdbc.internal.LockBudget;
import io.gpufleet.telemetry.jdbc.internal.TransactionTimeouts;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * The expired partitions of a table: finds and drops partitions that lie entirely before a day, by their bounds in the
 * catalogue.
 *
 * <p>Locks are taken in the order of {@link DayPartitions}: retention, parent, days. Thread-safe.
 */
final class OldDays {
    /** The time after which the server ends an idle job, which would keep writers waiting. */
    private static final Duration IDLE = Duration.ofSeconds(10);

    private static final String UTC = "SET LOCAL timezone = 'UTC'";

    /**
     * The old partitions. Materialized, so that the bounds of other tables are never read as times. {@code upper} is
     * missing for a default partition and one without an upper bound; a partition that is being detached belongs to
     * another session.
     */
    private static final String OLD = """
            WITH days AS MATERIALIZED (
                SELECT p.relname AS name, format('%I.%I', n.nspname, p.relname) AS qualified_name,
                    substring(pg_get_expr(p.relpartbound, 0) FROM 'TO [(]''([^'']+)''[)]$') AS upper
                FROM pg_inherits AS i
                    JOIN pg_class AS p ON p.oid = i.inhrelid
                    JOIN pg_namespace AS n ON n.oid = p.relnamespace
                WHERE i.inhparent = to_regclass(:table) AND NOT i.inhdetachpending
            )
            SELECT name, qualified_name, upper::timestamptz AS upper FROM days
            WHERE isfinite(upper::timestamptz) AND upper::timestamptz <= :first
            ORDER BY 3""";

    private final Transactions transactions;
    private final Duration lockTimeout;
    private final TableShape table;
    private final TableShape retention;
    private final String column;

    /**
     * Prepares the drop of a table's old days.
     *
     * @param declared a table with a partition key
     * @param defaultSchema the schema of a table that names none
     */
    OldDays(DataSource dataSource, PostgresTable<?> declared, Optional<String> defaultSchema, Duration lockTimeout) {
        PartitionKey<?> key = declared.partitionKey().orElseThrow();
        this.transactions = new Transactions(
                dataSource, TransactionTimeouts.DEFAULT.withLock(lockTimeout).withIdle(IDLE));
        this.lockTimeout = lockTimeout;
        this.table = TableShape.of(declared, defaultSchema).withoutKey();
        this.retention = key.retentionShape().in(table.schema());
        this.column = key.column();
    }

    /**
     * The work that is left. Immutable.
     *
     * @param keptFrom the first day that is kept now
     * @param oldest the oldest partition to drop; absent if there is none
     */
    record State(LocalDate keptFrom, Optional<String> oldest) {
        boolean isBehind(LocalDate first) {
            return oldest.isPresent() || keptFrom.isBefore(first);
        }
    }

    /** A partition, and the day before which all its rows lie. */
    private record Partition(String name, String qualifiedName, LocalDate end) {
        static Partition of(ResultSet row) throws SQLException {
            Instant upper = row.getObject("upper", OffsetDateTime.class).toInstant();
            return new Partition(row.getString("name"), row.getString("qualified_name"), dayFrom(upper));
        }
    }

    /** Returns the first UTC day that begins at a time or later. */
    static LocalDate dayFrom(Instant time) {
        return LocalDate.ofInstant(time.minusNanos(1), ZoneOffset.UTC).plusDays(1);
    }

    /**
     * Checks that the tables match the expected schema.
     *
     * @return the database's time
     * @throws TelemetryException if one is missing, of another shape, or not partitioned
     */
    Instant inspect() {
        return inTransaction("catalogue", handle -> {
            refuseOtherTables(new Catalog(handle));
            return handle.createQuery("SELECT now()")
                    .map((row, context) ->
                            row.getObject(1, OffsetDateTime.class).toInstant())
                    .one();
        });
    }

    private void refuseOtherTables(Catalog catalog) {
        List<String> problems = new ArrayList<>(catalog.problemsOfKind(table));
        problems.addAll(catalog.problems(List.of(retention)));
        if (problems.isEmpty() && !catalog.rangeColumnOf(table).equals(Optional.of(column))) {
            problems.add("table " + table.qualifiedName() + " is not partitioned by ranges of "
                    + Identifier.quote(column) + "; install heartbeats with TelemetrySchema and partitionedByDay()");
        }
        if (!problems.isEmpty()) {
            throw new TelemetryException("No days can be dropped: " + String.join("; ", problems));
        }
    }

    /** Returns the work that is left, without locks that block other sessions. */
    State look(LocalDate first) {
        return inTransaction("days of " + this, handle -> {
            Optional<String> oldest = old(handle, first).stream().findFirst().map(Partition::name);
            return new State(keptFrom(handle), oldest);
        });
    }

    /**
     * Drops the oldest partition and raises the first kept day past it. If it was the last one, or there is none, the
     * first kept day becomes the given day.
     *
     * @param what the subject of errors
     * @param first the first day to keep
     * @return the partition that was dropped, absent if there was none
     */
    Optional<String> dropOldest(String what, LocalDate first) {
        return inTransaction(what, handle -> {
            LockBudget budget = new LockBudget(lockTimeout, System::nanoTime);
            handle.execute(budget.limit("LOCK TABLE " + retention.qualifiedName() + " IN SHARE ROW EXCLUSIVE MODE"));
            List<Partition> old = lockedOld(handle, budget, first);
            raise(handle, old.size() > 1 ? old.get(0).end() : first);
            return old.stream().findFirst().map(oldest -> {
                handle.execute(budget.limit("DROP TABLE " + oldest.qualifiedName()));
                return oldest.name();
            });
        });
    }

    /** Returns the old partitions, locked against detaching and attaching until the transaction ends. */
    private List<Partition> lockedOld(Handle handle, LockBudget budget, LocalDate first) {
        List<Partition> old = old(handle, first);
        if (old.isEmpty()) {
            return old;
        }
        handle.execute(budget.limit("LOCK TABLE ONLY " + table.qualifiedName() + " IN ACCESS EXCLUSIVE MODE"));
        return old(handle, first);
    }

    private List<Partition> old(Handle handle, LocalDate first) {
        return handle.createQuery(OLD)
                .bind("table", table.qualifiedName())
                .bind("first", first.atStartOfDay().atOffset(ZoneOffset.UTC))
                .map((row, context) -> Partition.of(row))
                .list();
    }

    private LocalDate keptFrom(Handle handle) {
        return handle.createQuery(
                        "SELECT coalesce(max(kept_from) - date '1970-01-01', 0) FROM " + retention.qualifiedName())
                .map((row, context) -> LocalDate.ofEpochDay(row.getInt(1)))
                .one();
    }

    private void raise(Handle handle, LocalDate day) {
        if (!day.isAfter(keptFrom(handle))) {
            return;
        }
        int updated =
                handle.execute("UPDATE " + retention.qualifiedName() + " SET kept_from = date '1970-01-01' + ?", (int)
                        day.toEpochDay());
        if (updated == 0) {
            handle.execute(
                    "INSERT INTO " + retention.qualifiedName() + " (kept_from) VALUES (date '1970-01-01' + ?)",
                    (int) day.toEpochDay());
        }
    }

    private <R> R inTransaction(String what, Function<Handle, R> work) {
        return transactions.call(
                what,
                connection -> Jdbi.create(connection).withHandle(handle -> {
                    handle.execute(UTC);
                    return work.apply(handle);
                }));
    }

    /** Returns the table's name, without its schema. */
    String table() {
        return table.name();
    }

    /** Returns the retention table, which is locked before anything else. */
    String retention() {
        return retention.name();
    }

    @Override
    public String toString() {
        return "table " + table.qualifiedName();
    }
}
