package io.gpufleet.telemetry.jdbc.gpu;

import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;

/**
 * The days of a table, and the hours in them, that have rows to compact; by the bounds of its partitions in the
 * catalogue, whatever their names and lengths. Belongs to the thread of a run.
 */
final class CompactionDays {
    /**
     * Materialized, so that the bounds of other tables are never read as times. A partition that is being detached
     * belongs to another session; a foreign table cannot be compacted. The default partition can hold no row of times
     * that the other partitions cover.
     */
    private static final String LEAVES = """
            WITH RECURSIVE tree AS (
                SELECT c.oid, c.relkind, pg_get_expr(c.relpartbound, 0) AS bounds
                FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
                WHERE i.inhparent = to_regclass(:table) AND NOT i.inhdetachpending
                UNION ALL
                SELECT c.oid, c.relkind, tree.bounds
                FROM tree JOIN pg_inherits AS i ON i.inhparent = tree.oid JOIN pg_class AS c ON c.oid = i.inhrelid
                WHERE NOT i.inhdetachpending
            ), b AS MATERIALIZED (
                SELECT oid, relkind, bounds = 'DEFAULT' AS fallback,
                    substring(bounds FROM 'FROM [(]''([^'']+)''[)]')::timestamptz AS lower,
                    substring(bounds FROM 'TO [(]''([^'']+)''[)]$')::timestamptz AS upper
                FROM tree
            )
            SELECT format('%I.%I', n.nspname, c.relname) AS name, b.lower, b.upper
            FROM b JOIN pg_class AS c USING (oid) JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE b.relkind = 'r' AND coalesce(b.lower < :to, true) AND coalesce(b.upper > :from, true)
                AND NOT (b.fallback AND coalesce((SELECT range_agg(tstzrange(o.lower, o.upper)) FROM b AS o
                    WHERE NOT o.fallback) @> tstzrange(:from, :to), false))
            ORDER BY b.lower, name""";

    private static final String FIRST_KEPT = "SELECT coalesce(max(kept_from), date '1970-01-01') FROM {rows_retention}";

    private static final String HAS_ROWS = "SELECT EXISTS (SELECT 1 FROM %s)";

    private static final String DAYS_WITH_ROWS =
            "SELECT DISTINCT ({time} AT TIME ZONE 'UTC')::date FROM %s" + " WHERE {time} >= :from AND {time} < :to";

    private static final String UNFINISHED =
            "SELECT day FROM {rows_compaction} WHERE compacted_at IS NULL AND day >= :from AND day < :to";

    /** Hour by hour, since rows of one time lie together: the pages of an hour stay in memory for all GPUs. */
    private static final String HOURS = "SELECT date_bin(interval '1 hour', {time}, timestamptz"
            + " '2000-01-01 00:00+00') AS hour, gpu_no, count(*) AS samples FROM {rows}"
            + " WHERE {time} >= :from AND {time} < :to GROUP BY 1, 2 ORDER BY 1, 2";

    private static final String BYTES = "SELECT coalesce(pg_total_relation_size(to_regclass(:name)), 0)";

    private final CompactionTransactions transactions;
    private final CompactedTable table;

    CompactionDays(CompactionTransactions transactions) {
        this.transactions = transactions;
        this.table = transactions.table();
    }

    /**
     * An hour of a GPU with rows.
     *
     * @param gpu the GPU's number
     * @param start its beginning
     * @param samples the number of its rows
     */
    record Hour(int gpu, Instant start, long samples) {}

    /** Returns the beginning of a day in UTC. */
    static OffsetDateTime start(LocalDate day) {
        return day.atStartOfDay().atOffset(ZoneOffset.UTC);
    }

    /** Returns the days before a day that have rows, or whose space is not given back yet; the oldest first. */
    SortedSet<LocalDate> find(LocalDate before) {
        return transactions.read("days of " + table.name(), handle -> {
            LocalDate from = handle.createQuery(table.sql(FIRST_KEPT))
                    .mapTo(LocalDate.class)
                    .one();
            SortedSet<LocalDate> days = new TreeSet<>(unfinished(handle, from, before));
            if (from.isBefore(before)) {
                for (Leaf leaf : leaves(handle, table.name(), from, before)) {
                    days.addAll(daysOf(handle, leaf, from, before));
                }
            }
            return days;
        });
    }

    private List<LocalDate> unfinished(Handle handle, LocalDate from, LocalDate to) {
        return handle.createQuery(table.sql(UNFINISHED))
                .bind("from", from)
                .bind("to", to)
                .mapTo(LocalDate.class)
                .list();
    }

    /** Returns the days, from one to before another, of which a partition has rows. */
    List<LocalDate> daysOf(Handle handle, Leaf leaf, LocalDate from, LocalDate to) {
        if (leaf.day().isEmpty()) {
            return handle.createQuery(table.sql(DAYS_WITH_ROWS.formatted(leaf.name())))
                    .bind("from", start(from))
                    .bind("to", start(to))
                    .mapTo(LocalDate.class)
                    .list();
        }
        return hasRows(handle, leaf) ? leaf.day().stream().toList() : List.of();
    }

    static boolean hasRows(Handle handle, Leaf leaf) {
        return handle.createQuery(HAS_ROWS.formatted(leaf.name()))
                .mapTo(Boolean.class)
                .one();
    }

    private List<Leaf> leaves(Handle handle, String name, LocalDate from, LocalDate to) {
        return handle.createQuery(LEAVES)
                .bind("table", table.sql("{" + name + "}"))
                .bind("from", start(from))
                .bind("to", start(to))
                .map((row, context) -> Leaf.of(row))
                .list();
    }

    /** Returns the partitions of a table that may hold rows of a day: one, unless the table was made by hand. */
    List<Leaf> leaves(Handle handle, String name, LocalDate day) {
        return leaves(handle, name, day, day.plusDays(1));
    }

    /** Returns the hours of a day with rows, in one pass over them, hour by hour. */
    List<Hour> hours(LocalDate day) {
        return transactions.read(
                table.name() + " of " + day,
                handle -> handle.createQuery(table.sql(HOURS))
                        .bind("from", start(day))
                        .bind("to", start(day.plusDays(1)))
                        .map((row, context) -> new Hour(
                                row.getInt("gpu_no"),
                                row.getObject("hour", OffsetDateTime.class).toInstant(),
                                row.getLong("samples")))
                        .list());
    }

    /** Returns whether rows of a day may lie in a partition that holds other days, too. */
    boolean isShared(Handle handle, LocalDate day) {
        return leaves(handle, table.name(), day).stream()
                .anyMatch(leaf -> leaf.day().isEmpty());
    }

    /** Returns the bytes of the partitions of a day alone, of rows and pieces, with their indexes. */
    long bytes(Handle handle, LocalDate day) {
        return Stream.concat(table.pieces().stream(), Stream.of(table.name()))
                .mapToLong(name -> bytes(handle, name, day))
                .sum();
    }

    /** Returns the bytes of the partitions of a day alone, of its rows, with their indexes. */
    long bytesOfRows(Handle handle, LocalDate day) {
        return bytes(handle, table.name(), day);
    }

    private long bytes(Handle handle, String name, LocalDate day) {
        return leaves(handle, name, day).stream()
                .filter(leaf -> leaf.day().isPresent())
                .mapToLong(leaf -> handle.createQuery(BYTES)
                        .bind("name", leaf.name())
                        .mapTo(Long.class)
                        .one())
                .sum();
    }
}
