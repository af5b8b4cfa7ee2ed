package io.gpufleet.telemetry.jdbc.heartbeat;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.heartbeat.ClientId;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import io.gpufleet.telemetry.jdbc.internal.SqlFailure;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

/**
 * The check of the statistics: recomputes every row and column of {@code client_daily_stats} from {@code heartbeat},
 * and compares.
 *
 * <pre>{@code
 * HeartbeatInvariant.Result result = HeartbeatInvariant.check(dataSource, "telemetry");
 * if (!result.holds()) {
 *     throw new IllegalStateException(result.toString());
 * }
 * }</pre>
 *
 * <p>Both tables are read in one snapshot, so the check may run while consumers write. It reads every stored heartbeat;
 * days that retention has dropped are left out. Thread-safe.
 */
public final class HeartbeatInvariant {
    /** The limit of named differences; the others are only counted. */
    public static final int MAX_NAMED = 20;

    /**
     * The lock on the tables, taken before the snapshot. The first query would take the snapshot and only then wait for
     * locks: a day dropped meanwhile would be missing, while its statistics would still be expected.
     */
    private static final String KEEP_DAYS = "LOCK TABLE {heartbeat_retention}, {heartbeat} IN ACCESS SHARE MODE";

    private static final String DIFFERENCES = """
            WITH kept AS (
                SELECT coalesce(max(kept_from), date '-infinity') AS first FROM {heartbeat_retention}
            ), e AS (
                SELECT h.client_id, (h.timestamp AT TIME ZONE 'UTC')::date AS date, count(*) AS total_heartbeats,
                    sum(h.cpu_usage) AS sum_cpu_usage, sum(h.mem_usage) AS sum_memory_usage,
                    sum(h.disk_usage) AS sum_disk_usage,
                    least(sum(h.network_down), 9223372036854775807) AS total_network_in_bytes,
                    least(sum(h.network_up), 9223372036854775807) AS total_network_out_bytes,
                    max(h.timestamp) AS last_heartbeat
                FROM {heartbeat} AS h, kept
                WHERE h.timestamp >= kept.first::timestamp AT TIME ZONE 'UTC'
                GROUP BY 1, 2
            ), s AS (
                SELECT t.* FROM {client_daily_stats} AS t, kept WHERE t.date >= kept.first
            )
            SELECT coalesce(s.client_id, e.client_id) AS client_id,
                coalesce(s.date, e.date) - date '1970-01-01' AS day, v.name, coalesce(v.stored, 'null') AS stored,
                coalesce(v.expected, 'null') AS expected,
                count(*) OVER () AS total
            FROM s FULL JOIN e ON s.client_id = e.client_id AND s.date = e.date CROSS JOIN LATERAL (VALUES
                ('row', CASE WHEN s.client_id IS NULL THEN 'missing' ELSE 'present' END,
                    CASE WHEN e.client_id IS NULL THEN 'missing' ELSE 'present' END),
                ('total_heartbeats', s.total_heartbeats::text, e.total_heartbeats::text),
                ('avg_cpu_usage', s.avg_cpu_usage::text, (e.sum_cpu_usage::float8 / e.total_heartbeats)::text),
                ('avg_memory_usage', s.avg_memory_usage::text, (e.sum_memory_usage::float8 / e.total_heartbeats)::text),
                ('avg_disk_usage', s.avg_disk_usage::text, (e.sum_disk_usage::float8 / e.total_heartbeats)::text),
                ('total_network_in_bytes', s.total_network_in_bytes::text, e.total_network_in_bytes::text),
                ('total_network_out_bytes', s.total_network_out_bytes::text, e.total_network_out_bytes::text),
                ('last_heartbeat', s.last_heartbeat::text, e.last_heartbeat::text),
                ('sum_cpu_usage', s.sum_cpu_usage::text, e.sum_cpu_usage::text),
                ('sum_memory_usage', s.sum_memory_usage::text, e.sum_memory_usage::text),
                ('sum_disk_usage', s.sum_disk_usage::text, e.sum_disk_usage::text)
            ) AS v(name, stored, expected)
            WHERE v.stored IS DISTINCT FROM v.expected
                AND (s.client_id IS NULL OR e.client_id IS NULL) = (v.name = 'row')
            ORDER BY 1, 2, 3 LIMIT :limit""";

    private HeartbeatInvariant() {}

    /**
     * Checks the tables that the search path finds.
     *
     * @param dataSource the source of a connection
     * @return whether the statistics are right, and if not, where
     * @throws TelemetryException if the database fails
     */
    public static Result check(DataSource dataSource) {
        return check(dataSource, Optional.empty());
    }

    /**
     * Checks the tables of a schema.
     *
     * @param dataSource the source of a connection
     * @param schema the schema's name
     * @return whether the statistics are right, and if not, where
     * @throws TelemetryException if the database fails
     */
    public static Result check(DataSource dataSource, String schema) {
        return check(dataSource, Optional.of(Identifier.check("schema", schema)));
    }

    private static Result check(DataSource dataSource, Optional<String> schema) {
        requireNonNull(dataSource, "dataSource");
        String keepDays = Identifier.qualifyAll(schema, KEEP_DAYS);
        String differences = Identifier.qualifyAll(schema, DIFFERENCES);
        try {
            return Jdbi.create(dataSource).inTransaction(TransactionIsolationLevel.REPEATABLE_READ, handle -> {
                handle.execute(keepDays);
                return compare(handle, differences);
            });
        } catch (JdbiException e) {
            throw SqlFailure.toSinkException(
                    "invariant", false, SqlFailure.behind(e).orElseThrow(() -> e));
        }
    }

    private static Result compare(Handle handle, String sql) {
        handle.execute("SET LOCAL timezone = 'UTC'; SET LOCAL extra_float_digits = 1");
        List<Counted> found = handle.createQuery(sql)
                .bind("limit", MAX_NAMED)
                .map((row, context) -> Counted.of(row))
                .list();
        List<Difference> first = found.stream().map(Counted::difference).toList();
        return new Result(found.isEmpty() ? 0 : found.get(0).total, first);
    }

    /** The first differences, and the number of all. */
    private record Counted(Difference difference, long total) {
        static Counted of(ResultSet row) throws SQLException {
            Difference difference = new Difference(
                    ClientId.of(row.getBytes("client_id")),
                    LocalDate.ofEpochDay(row.getInt("day")),
                    row.getString("name"),
                    row.getString("stored"),
                    row.getString("expected"));
            return new Counted(difference, row.getLong("total"));
        }
    }

    /**
     * The result of a check. Immutable.
     *
     * @param differences the number of values that differ; a missing or surplus row counts as one
     * @param first the first differences by client, day and column, at most {@link #MAX_NAMED}
     */
    public record Result(long differences, List<Difference> first) {

        /**
         * Copies the list.
         *
         * @param differences the number of values that differ
         * @param first the first differences
         */
        public Result {
            first = List.copyOf(first);
        }

        /**
         * Returns whether the statistics are right.
         *
         * @return true if nothing differs
         */
        public boolean holds() {
            return differences == 0;
        }

        /** Returns the result in one sentence, with the first differences. */
        @Override
        public String toString() {
            return holds()
                    ? "Invariant holds"
                    : "Invariant does not hold, " + differences + " differences: "
                            + first.stream().map(Difference::toString).collect(Collectors.joining("; "));
        }
    }

    /**
     * A value that differs from the heartbeats. Immutable.
     *
     * @param clientId the client
     * @param date the UTC day
     * @param column the column of {@code client_daily_stats}, or {@code row} if the whole row is missing or surplus
     * @param stored the stored value
     * @param expected the correct value
     */
    public record Difference(ClientId clientId, LocalDate date, String column, String stored, String expected) {

        /** Returns the difference in one sentence. */
        @Override
        public String toString() {
            return "client " + clientId + " on " + date + ": " + column + " is " + stored + ", not " + expected;
        }
    }
}
