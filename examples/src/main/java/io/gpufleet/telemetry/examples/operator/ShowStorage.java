package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.terminal.Column;
import io.gpufleet.telemetry.examples.terminal.Table;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows the days of GPU samples with their bytes. Not thread-safe. */
@Command(
        name = "storage",
        description = "Shows the days of GPU samples and wide rows: rows, compacted or both, and their bytes.",
        footer = "The number of samples that are rows is an estimate of the server, unknown before the first ANALYZE."
                + " What compaction would save of the rows is reckoned by the days that are compacted; without any, the"
                + " rest would be 3 %% of the bytes of samples and 25 %% of those of wide rows. A day of few samples"
                + " takes more than its rows did: it has saved less than nothing. A partition that holds several days"
                + " has a line of its own, named by its bounds or \"default\"; its bytes are in no day.%n")
final class ShowStorage implements Callable<Integer> {
    /** The tables, with the usual rest of their bytes after compaction; see docs/performance.md. */
    private static final Map<String, String> RESTS = new LinkedHashMap<>();

    static {
        RESTS.put("gpu_sample", "0.03");
        RESTS.put("gpu_metrics", "0.25");
    }

    private static final String IS_INSTALLED = "SELECT to_regclass('{%s_compaction}') IS NOT NULL";

    /**
     * A partition that holds several days has a line of its own, named by its bounds. The size of a partition with
     * partitions of its own is 0, so that all of a tree can be summed. Without the bytes of rows before their
     * compaction nothing is known to be saved.
     */
    private static final String DAYS = """
            WITH RECURSIVE tree AS (
                SELECT i.inhparent = to_regclass('{%1$s}') AS rows, c.oid, c.relkind, c.reltuples,
                    pg_get_expr(c.relpartbound, 0) AS bounds
                FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
                WHERE i.inhparent IN (to_regclass('{%1$s}'), to_regclass('{%1$s_hour}'), to_regclass('{%1$s_times}'),
                    to_regclass('{%1$s_piece}'))
                UNION ALL
                SELECT tree.rows, c.oid, c.relkind, c.reltuples, tree.bounds
                FROM tree JOIN pg_inherits AS i ON i.inhparent = tree.oid JOIN pg_class AS c ON c.oid = i.inhrelid
            ), parts AS MATERIALIZED (
                SELECT rows, oid, CASE WHEN relkind = 'r' THEN nullif(reltuples, -1) END AS estimate, bounds,
                    substring(bounds FROM 'FROM [(]''([^'']+)''[)]')::timestamptz AT TIME ZONE 'UTC' AS lower,
                    substring(bounds FROM 'TO [(]''([^'']+)''[)]$')::timestamptz AT TIME ZONE 'UTC' AS upper
                FROM tree
            ), lines AS (
                SELECT CASE WHEN upper <= date_trunc('day', lower) + interval '1 day' THEN lower::date END AS day,
                    CASE WHEN bounds = 'DEFAULT' THEN 'default' ELSE replace(
                        coalesce('from ' || to_char(lower, 'YYYY-MM-DD HH24:MI:SS'), '')
                        || coalesce(' to ' || to_char(upper, 'YYYY-MM-DD HH24:MI:SS'), ''), ' 00:00:00', '') END AS range,
                    lower, rows, estimate, pg_total_relation_size(oid) AS bytes, pg_relation_size(oid) AS heap
                FROM parts
            ), sums AS (
                SELECT day, CASE WHEN day IS NULL THEN range END AS range, min(lower) AS lower, sum(bytes) AS bytes,
                    coalesce(sum(bytes) FILTER (WHERE rows), 0) AS bytes_of_rows,
                    coalesce(sum(heap) FILTER (WHERE rows), 0) AS heap, count(*) FILTER (WHERE NOT rows) AS pieces,
                    sum(estimate) FILTER (WHERE rows) AS estimate
                FROM lines GROUP BY 1, 2
            ), d AS (
                SELECT s.*, c.bytes_before, c.bytes_after,
                    coalesce(c.samples, 0) + CASE WHEN s.heap > 0 THEN s.estimate ELSE 0 END::bigint AS samples,
                    CASE
                        WHEN s.day IS NULL AND s.heap = 0 AND s.pieces = 0 THEN 'empty'
                        WHEN s.day IS NULL AND s.heap = 0 THEN 'compacted'
                        WHEN s.day IS NULL AND s.pieces > 0 THEN 'mixed'
                        WHEN c.day IS NULL THEN 'rows'
                        WHEN c.compacted_at IS NOT NULL AND s.heap = 0 THEN 'compacted'
                        ELSE 'mixed'
                    END AS form
                FROM sums AS s LEFT JOIN {%1$s_compaction} AS c USING (day)
            )
            SELECT coalesce(d.day::text, d.range), '%1$s', d.form, d.samples, d.bytes::bigint,
                round(d.bytes / nullif(d.samples, 0), 1) AS each,
                CASE WHEN d.bytes_after IS NOT NULL THEN (d.bytes_before - d.bytes)::bigint END AS saved,
                CASE WHEN d.heap > 0 THEN greatest(d.bytes_of_rows * (1 - coalesce((
                    SELECT sum(bytes_after) / nullif(sum(bytes_before), 0) FROM {%1$s_compaction}
                    WHERE bytes_after IS NOT NULL AND bytes_before IS NOT NULL), %2$s)), 0)::bigint END AS could_save
            FROM d ORDER BY d.lower NULLS LAST, 1""";

    private static final String FAILURES = "SELECT '%1$s', g.uuid, h.hour, h.failure FROM {%1$s_hour} AS h"
            + " JOIN {gpu} AS g USING (gpu_no) WHERE h.failure IS NOT NULL ORDER BY h.hour, g.uuid";

    @Mixin
    private final DatabaseOptions database = new DatabaseOptions();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() throws SQLException {
        Tables tables = new Tables(database);
        Map<String, String> installed = new LinkedHashMap<>();
        for (Map.Entry<String, String> table : RESTS.entrySet()) {
            if (Boolean.TRUE.equals(
                    tables.rows(IS_INSTALLED.formatted(table.getKey())).get(0).get(0))) {
                installed.put(table.getKey(), table.getValue());
            }
        }
        if (installed.isEmpty()) {
            throw new TelemetryException("telemetry tables are not installed (GPU samples)");
        }
        Table days = days(rows(tables, DAYS, installed));
        Table failures = failures(rows(tables, FAILURES, installed));
        print(days, failures);
        return failures.size() == 0 ? ExitCodes.OK : ExitCodes.NOT_SO;
    }

    private static List<List<@Nullable Object>> rows(Tables tables, String sql, Map<String, String> names)
            throws SQLException {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        for (Map.Entry<String, String> name : names.entrySet()) {
            rows.addAll(tables.rows(sql.formatted(name.getKey(), name.getValue())));
        }
        return rows;
    }

    private void print(Table days, Table failures) {
        List<String> lines = new ArrayList<>(Output.lines(days));
        if (failures.size() > 0) {
            lines.addAll(Output.lines(failures));
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("days", days.records());
        fields.put("failures", failures.records());
        output.print(lines, fields);
    }

    private static Table days(List<List<@Nullable Object>> rows) {
        Table table = new Table(
                "Days of GPU samples",
                List.of(
                        Column.text("day"),
                        Column.text("table"),
                        Column.text("form"),
                        Column.count("samples"),
                        Column.bytes("bytes"),
                        Column.number("bytes a sample"),
                        Column.bytes("saved"),
                        Column.bytes("could save")));
        rows.forEach(table::add);
        return table;
    }

    private static Table failures(List<List<@Nullable Object>> rows) {
        Table table = new Table(
                "Hours whose rows stay",
                List.of(Column.text("table"), Column.text("gpu"), Column.instant("hour"), Column.prose("reason")));
        rows.forEach(table::add);
        return table;
    }
}
