package io.gpufleet.telemetry.jdbc.gpu;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import io.gpufleet.telemetry.jdbc.internal.SqlFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

/**
 * The check of GPUs against their samples: recomputes every row of {@code gpu} from the samples of the days that are
 * kept, and looks for samples whose GPU, metric or labels have no row, for pieces whose times or values are missing,
 * and for times that belong to no piece.
 *
 * <pre>{@code
 * GpuSampleInvariant.Result result = GpuSampleInvariant.check(dataSource, "telemetry");
 * if (!result.holds()) {
 *     throw new IllegalStateException(result.toString());
 * }
 * }</pre>
 *
 * <p>All tables are read in one snapshot, so the check may run while consumers write. It reads every stored sample.
 * What a dropped day may have told is not checked: a first time and a move before the first kept day, and GPUs that
 * were last seen before it. GPUs that other data than samples have brought are named as differences. Thread-safe.
 */
public final class GpuSampleInvariant {
    /** The limit of named differences; the others are only counted. */
    public static final int MAX_NAMED = 20;

    /** As for heartbeats: the first query would take the snapshot and only then wait for locks. */
    private static final String KEEP_DAYS = "LOCK TABLE {gpu_sample_retention}, {gpu_telemetry} IN ACCESS SHARE MODE";

    private static final String GPUS = """
            WITH kept AS (
                SELECT coalesce(max(kept_from), date '-infinity')::timestamp AT TIME ZONE 'UTC' AS first
                FROM {gpu_sample_retention}
            ), s AS (
                SELECT t.uuid, t.ts, t.hostname, coalesce(t.labels_raw ->> 'pci_bus_id', '') AS pci_bus_id, t.namespace,
                    t.gpu_id, t.device, t.model_name
                FROM {gpu_telemetry} AS t, kept WHERE t.ts >= kept.first
            ), newest AS (
                SELECT DISTINCT ON (uuid) * FROM s
                ORDER BY uuid, ts DESC, ROW(hostname, pci_bus_id, namespace, gpu_id, device, model_name)::record
                    USING OPERATOR(pg_catalog.*>)
            ), e AS (
                SELECT n.uuid, n.hostname, n.pci_bus_id, n.namespace, n.gpu_id, n.device, n.model_name,
                    min(s.ts) AS first_seen, n.ts AS last_seen,
                    max(s.ts) FILTER (WHERE (s.hostname, s.pci_bus_id) <> (n.hostname, n.pci_bus_id)) AS moved_at
                FROM newest AS n JOIN s ON s.uuid = n.uuid
                GROUP BY 1, 2, 3, 4, 5, 6, 7, n.ts
            ), g AS (
                SELECT t.* FROM {gpu} AS t, kept WHERE t.last_seen >= kept.first
            )
            SELECT coalesce(g.uuid, e.uuid) AS subject, v.name, coalesce(v.stored, 'null') AS stored,
                coalesce(v.expected, 'null') AS expected
            FROM g FULL JOIN e ON g.uuid = e.uuid CROSS JOIN kept CROSS JOIN LATERAL (VALUES
                ('row', CASE WHEN g.uuid IS NULL THEN 'missing' ELSE 'present' END,
                    CASE WHEN e.uuid IS NULL THEN 'missing' ELSE 'present' END),
                ('hostname', g.hostname, e.hostname),
                ('pci_bus_id', g.pci_bus_id, e.pci_bus_id),
                ('namespace', g.namespace, e.namespace),
                ('gpu_id', g.gpu_id::text, e.gpu_id::text),
                ('device', g.device, e.device),
                ('model_name', g.model_name, e.model_name),
                ('first_seen', g.first_seen::text,
                    CASE WHEN g.first_seen < kept.first THEN g.first_seen ELSE e.first_seen END::text),
                ('last_seen', g.last_seen::text, e.last_seen::text),
                ('moved_at', g.moved_at::text, CASE WHEN g.moved_at < kept.first AND e.moved_at IS NULL THEN g.moved_at
                    ELSE e.moved_at END::text)
            ) AS v(name, stored, expected)
            WHERE v.stored IS DISTINCT FROM v.expected
                AND (g.uuid IS NULL OR e.uuid IS NULL) = (v.name = 'row')
            ORDER BY 1, 2""";

    private static final String NUMBERS = """
            WITH s AS (
                SELECT gpu_no, metric_no, labels_id, (max(ts) AT TIME ZONE 'UTC')::date AS day
                FROM (SELECT gpu_no, metric_no, labels_id, ts FROM {gpu_sample}
                    UNION ALL SELECT gpu_no, metric_no, labels_id, ts FROM {gpu_sample_unpacked}) AS stored
                GROUP BY 1, 2, 3
            )
            SELECT DISTINCT 'number ' || v.number AS subject, v.name, v.stored, v.expected
            FROM s LEFT JOIN {gpu} AS g USING (gpu_no) LEFT JOIN {gpu_metric} AS m USING (metric_no)
                LEFT JOIN {gpu_labels} AS l USING (labels_id)
                CROSS JOIN {gpu_sample_retention} AS kept
                CROSS JOIN LATERAL (VALUES
                    ('gpu_no', s.gpu_no::bigint, g.uuid IS NOT NULL, 'missing', 'present'),
                    ('metric_no', s.metric_no::bigint, m.metric_name IS NOT NULL, 'missing', 'present'),
                    ('labels_id', s.labels_id, l.hostname IS NOT NULL, 'missing', 'present'),
                    ('last_day', s.labels_id, l.last_day IS NULL OR l.last_day >= s.day, l.last_day::text, s.day::text)
                ) AS v(name, number, fits, stored, expected)
            WHERE NOT v.fits AND s.day >= kept.kept_from
            ORDER BY 1, 2""";

    /** The pieces whose times are missing, and times that belong to no piece: the views join them. */
    private static final String PIECES = """
            WITH kept AS (
                SELECT coalesce(max(kept_from), date '-infinity')::timestamp AT TIME ZONE 'UTC' AS first
                FROM {gpu_sample_retention}
            ), broken AS (
                SELECT gpu_no, hour, p.metric_no, 'times ' || times_no || ' of ' || samples || ' samples' AS times,
                    'missing' AS stored, 'present' AS expected
                FROM {gpu_sample_piece} AS p LEFT JOIN {gpu_sample_times} AS t USING (gpu_no, hour, times_no, samples)
                WHERE t.micros IS NULL
                UNION ALL
                SELECT gpu_no, hour, NULL, 'times ' || times_no || ' of ' || samples || ' samples', 'present', 'missing'
                FROM {gpu_sample_times} AS t
                WHERE NOT EXISTS (SELECT FROM {gpu_sample_piece} AS p
                    WHERE (p.gpu_no, p.hour, p.times_no, p.samples) = (t.gpu_no, t.hour, t.times_no, t.samples))
            )
            SELECT coalesce(g.uuid, 'GPU number ' || b.gpu_no) || ' in the hour from ' || b.hour AS subject,
                concat_ws(', ', coalesce(m.metric_name, 'metric number ' || b.metric_no), b.times) AS name,
                b.stored, b.expected
            FROM broken AS b JOIN kept ON b.hour >= kept.first LEFT JOIN {gpu} AS g USING (gpu_no)
                LEFT JOIN {gpu_metric} AS m USING (metric_no)
            ORDER BY 1, 2""";

    /** The columns of pieces of wide rows whose values are missing: the view would show blanks. */
    private static final String WIDE_PIECES = """
            WITH kept AS (
                SELECT coalesce(max(kept_from), date '-infinity')::timestamp AT TIME ZONE 'UTC' AS first
                FROM {gpu_metrics_retention}
            ), c AS (
                SELECT p.gpu_no, p.hour, c.column_no, CASE c.form
                        WHEN 0 THEN 0
                        WHEN 8 THEN c.place + 1
                        ELSE (c.place + 1) * p.samples
                    END AS needed, CASE
                        WHEN c.form IN (1, 2) THEN cardinality(p.small)
                        WHEN c.form IN (3, 4) THEN cardinality(p.whole)
                        WHEN c.form = 5 THEN cardinality(p.large)
                        WHEN c.form = 6 THEN cardinality(p.single)
                        WHEN c.form = 7 THEN cardinality(p.exact)
                        ELSE cardinality(p.constants)
                    END AS present
                FROM {gpu_metrics_piece} AS p JOIN kept ON p.hour >= kept.first
                    CROSS JOIN LATERAL unnest(p.column_nos, p.forms, p.places) AS c(column_no, form, place)
            )
            SELECT coalesce(g.uuid, 'GPU number ' || c.gpu_no) || ' in the hour from ' || c.hour AS subject,
                'column number ' || c.column_no AS name, coalesce(c.present, 0) || ' values' AS stored,
                c.needed || ' or more' AS expected
            FROM c LEFT JOIN {gpu} AS g USING (gpu_no)
            WHERE coalesce(c.present, 0) < c.needed
            ORDER BY 1, 2""";

    private GpuSampleInvariant() {}

    /**
     * Checks the tables that the search path finds, in either layout.
     *
     * @param dataSource the source of connections
     * @return whether the GPUs are right, and if not, where
     * @throws TelemetryException if the database fails
     */
    public static Result check(DataSource dataSource) {
        return check(dataSource, Optional.empty(), Optional.empty());
    }

    /**
     * Checks the tables of a schema, in either layout.
     *
     * @param dataSource the source of connections
     * @param schema the schema's name
     * @return whether the GPUs are right, and if not, where
     * @throws TelemetryException if the database fails
     */
    public static Result check(DataSource dataSource, String schema) {
        return check(dataSource, Optional.of(Identifier.check("schema", schema)), Optional.empty());
    }

    /**
     * Checks the tables that the search path finds, and the wide rows against the samples: every reading is that of a
     * sample, and every sample is in a row or has yielded there to another. All rows must be of
     * {@link GpuMetricsSink#addTo}.
     *
     * @param dataSource the source of connections
     * @param rows how the sink puts samples into rows
     * @return whether the GPUs and the rows are right, and if not, where
     * @throws TelemetryException if the database fails
     */
    public static Result check(DataSource dataSource, WideRows rows) {
        return check(dataSource, Optional.empty(), Optional.of(requireNonNull(rows, "rows")));
    }

    /**
     * Checks the tables of a schema as {@link #check(DataSource, WideRows)} does.
     *
     * @param dataSource the source of connections
     * @param schema the schema's name
     * @param rows how the sink puts samples into rows
     * @return whether the GPUs and the rows are right, and if not, where
     * @throws TelemetryException if the database fails
     */
    public static Result check(DataSource dataSource, String schema, WideRows rows) {
        return check(
                dataSource, Optional.of(Identifier.check("schema", schema)), Optional.of(requireNonNull(rows, "rows")));
    }

    private static Result check(DataSource dataSource, Optional<String> schema, Optional<WideRows> rows) {
        requireNonNull(dataSource, "dataSource");
        try {
            return Jdbi.create(dataSource).inTransaction(TransactionIsolationLevel.REPEATABLE_READ, handle -> {
                handle.execute(Identifier.qualifyAll(schema, KEEP_DAYS));
                return compare(handle, schema, rows);
            });
        } catch (JdbiException e) {
            throw SqlFailure.toSinkException(
                    "invariant", false, SqlFailure.behind(e).orElseThrow(() -> e));
        }
    }

    private static Result compare(Handle handle, Optional<String> schema, Optional<WideRows> rows) {
        handle.execute("SET LOCAL timezone = 'UTC'; SET LOCAL extra_float_digits = 1");
        List<Difference> found = new ArrayList<>(differences(handle, Identifier.qualifyAll(schema, GPUS)));
        if (exists(handle, schema, "gpu_sample")) {
            found.addAll(differences(handle, Identifier.qualifyAll(schema, NUMBERS)));
            found.addAll(differences(handle, Identifier.qualifyAll(schema, PIECES)));
        }
        if (exists(handle, schema, "gpu_metrics_piece")) {
            found.addAll(differences(handle, Identifier.qualifyAll(schema, WIDE_PIECES)));
        }
        rows.stream()
                .flatMap(wide -> WideFromLong.queries(schema, wide).stream())
                .forEach(sql -> found.addAll(differences(handle, sql)));
        return new Result(found.size(), found.subList(0, Math.min(found.size(), MAX_NAMED)));
    }

    private static boolean exists(Handle handle, Optional<String> schema, String table) {
        return handle.createQuery("SELECT to_regclass(:table) IS NOT NULL")
                .bind("table", Identifier.qualify(schema, table))
                .mapTo(Boolean.class)
                .one();
    }

    private static List<Difference> differences(Handle handle, String sql) {
        return handle.createQuery(sql)
                .map((row, context) -> new Difference(
                        row.getString("subject"),
                        row.getString("name"),
                        row.getString("stored"),
                        row.getString("expected")))
                .list();
    }

    /**
     * The result of a check. Immutable.
     *
     * @param differences the number of values that differ; a missing or surplus row counts as one
     * @param first the first differences, at most {@link #MAX_NAMED}
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
         * Returns whether the GPUs are right.
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
     * A value that differs from the samples. Immutable.
     *
     * @param subject the UUID of the GPU, in wide rows with the time and in pieces with the hour, or the number that
     *     samples refer to
     * @param column the metric or column of a wide row; the column of {@code gpu}, or of {@code gpu_labels};
     *     {@code row} if the GPU is missing or surplus; the column of {@code gpu_sample} if there is no row with its
     *     number; of a piece the metric and its times, of a wide one the number of the column
     * @param stored the stored value
     * @param expected the correct value
     */
    public record Difference(String subject, String column, String stored, String expected) {

        /** Returns the difference in one sentence. */
        @Override
        public String toString() {
            return subject + ": " + column + " is " + stored + ", not " + expected;
        }
    }
}
