package io.gpufleet.telemetry.jdbc.gpu;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The days of a table, and the hours in them, that have rows to compact; by the bounds of its partitions in the
 * catalogue, whatever their names and lengths. Belongs to the thread of a run.
 */
final class CompactionDays {
    /**
     * Materialized, so that the bounds of other tables are never read as times. A partition that is being detached
     * belongs to another session; a foreign table cannot be compacted.
     */
    private static final String PARTITIONS = """
            WITH p AS MATERIALIZED (
                SELECT format('%I.%I', n.nspname, c.relname) AS name, c.relkind = 'r' AS plain,
                    substring(pg_get_expr(c.relpartbound, 0) FROM 'FROM [(]''([^'']+)''[)]') AS lower,
                    substring(pg_get_expr(c.relpartbound, 0) FROM 'TO [(]''([^'']+)''[)]$') AS upper
                FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
                    JOIN pg_namespace AS n ON n.oid = c.relnamespace
                WHERE i.inhparent = to_regclass(:table) AND NOT i.inhdetachpending AND c.relkind IN ('r', 'p')
            )
            SELECT name, plain, lower::timestamptz AS lower, upper::timestamptz AS upper FROM p
            WHERE coalesce(lower::timestamptz < :to, true) AND coalesce(upper::timestamptz > :from, true)
            ORDER BY lower, name""";

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
     * A partition.
     *
     * @param name its name with its schema, quoted as needed
     * @param isPlain whether it is a table without partitions of its own
     * @param lower its lower bound; absent if it has none
     * @param upper its upper bound; absent if it has none
     */
    record Partition(String name, boolean isPlain, Optional<Instant> lower, Optional<Instant> upper) {
        private static Partition of(ResultSet row) throws SQLException {
            return new Partition(
                    row.getString("name"),
                    row.getBoolean("plain"),
                    Optional.ofNullable(time(row, "lower")),
                    Optional.ofNullable(time(row, "upper")));
        }

        private static @Nullable Instant time(ResultSet row, String column) throws SQLException {
            OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
            return time == null ? null : time.toInstant();
        }

        /** Returns the only day of the partition; absent if it is not exactly one day. */
        private Optional<LocalDate> day() {
            return lower.map(time -> LocalDate.ofInstant(time, ZoneOffset.UTC))
                    .filter(day -> lower.equals(Optional.of(start(day).toInstant()))
                            && upper.equals(Optional.of(start(day.plusDays(1)).toInstant())));
        }
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
            SortedSet<LocalDate> days = new TreeSet<>(days(handle, UNFINISHED, from, before));
            if (from.isBefore(before)) {
                for (Partition partition : partitions(handle, table.name(), from, before)) {
                    days.addAll(daysOf(handle, partition, from, before));
                }
            }
            return days;
        });
    }

    private List<LocalDate> daysOf(Handle handle, Partition partition, LocalDate from, LocalDate before) {
        Optional<LocalDate> day = partition.day();
        if (day.isEmpty()) {
            return days(handle, DAYS_WITH_ROWS.formatted(partition.name), from, before);
        }
        boolean hasRows = handle.createQuery(HAS_ROWS.formatted(partition.name))
                .mapTo(Boolean.class)
                .one();
        return hasRows ? List.of(day.get()) : List.of();
    }

    private List<LocalDate> days(Handle handle, String sql, LocalDate from, LocalDate to) {
        boolean isOfDays = sql.equals(UNFINISHED);
        return handle.createQuery(table.sql(sql))
                .bind("from", isOfDays ? from : start(from))
                .bind("to", isOfDays ? to : start(to))
                .mapTo(LocalDate.class)
                .list();
    }

    private List<Partition> partitions(Handle handle, String name, LocalDate from, LocalDate to) {
        return handle.createQuery(PARTITIONS)
                .bind("table", table.sql("{" + name + "}"))
                .bind("from", start(from))
                .bind("to", start(to))
                .map((row, context) -> Partition.of(row))
                .list();
    }

    /** Returns the partitions of a table that hold a day: one, unless the table was made by hand. */
    List<Partition> partitions(Handle handle, String name, LocalDate day) {
        return partitions(handle, name, day, day.plusDays(1));
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

    /** Returns the bytes of the partitions that hold a day, of rows and pieces, with their indexes. */
    long bytes(Handle handle, LocalDate day) {
        List<String> names = new ArrayList<>(table.pieces());
        names.add(table.name());
        return names.stream()
                .flatMap(name -> partitions(handle, name, day).stream())
                .mapToLong(partition -> bytes(handle, partition))
                .sum();
    }

    private static long bytes(Handle handle, Partition partition) {
        return handle.createQuery(BYTES)
                .bind("name", partition.name)
                .mapTo(Long.class)
                .one();
    }
}
