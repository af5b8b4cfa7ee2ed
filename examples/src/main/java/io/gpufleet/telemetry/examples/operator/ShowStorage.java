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
                + " What compaction would save is reckoned by the days that are compacted; without any, the rest would"
                + " be 3 %% of the bytes of samples and 25 %% of those of wide rows.%n")
final class ShowStorage implements Callable<Integer> {
    /** The tables, with the usual rest of their bytes after compaction; see docs/performance.md. */
    private static final Map<String, String> RESTS = new LinkedHashMap<>();

    static {
        RESTS.put("gpu_sample", "0.03");
        RESTS.put("gpu_metrics", "0.25");
    }

    private static final String IS_INSTALLED = "SELECT to_regclass('{%s_compaction}') IS NOT NULL";

    private static final String DAYS = """
            WITH parts AS MATERIALIZED (
                SELECT i.inhparent = to_regclass('{%1$s}') AS rows, c.oid, c.reltuples,
                    substring(pg_get_expr(c.relpartbound, 0) FROM 'FROM [(]''([^'']+)''[)]') AS lower
                FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
                WHERE i.inhparent IN (to_regclass('{%1$s}'), to_regclass('{%1$s_hour}'), to_regclass('{%1$s_times}'),
                    to_regclass('{%1$s_piece}'))
            ), days AS (
                SELECT (lower::timestamptz AT TIME ZONE 'UTC')::date AS day, sum(pg_total_relation_size(oid)) AS bytes,
                    sum(pg_relation_size(oid)) FILTER (WHERE rows) AS heap,
                    sum(nullif(reltuples, -1)) FILTER (WHERE rows) AS estimate
                FROM parts WHERE lower IS NOT NULL GROUP BY 1
            ), d AS (
                SELECT days.day, days.bytes, c.bytes_before,
                    coalesce(c.samples, 0) + CASE WHEN days.heap > 0 THEN days.estimate ELSE 0 END::bigint AS samples,
                    CASE WHEN c.day IS NULL THEN 'rows' WHEN c.compacted_at IS NOT NULL AND coalesce(days.heap, 0) = 0
                        THEN 'compacted' ELSE 'mixed' END AS form
                FROM days LEFT JOIN {%1$s_compaction} AS c USING (day)
            )
            SELECT d.day::text, '%1$s', d.form, d.samples, d.bytes::bigint,
                round(d.bytes / nullif(d.samples, 0), 1) AS each,
                CASE WHEN d.form = 'compacted' THEN greatest(d.bytes_before - d.bytes, 0)::bigint END AS saved,
                CASE WHEN d.form <> 'compacted' THEN (d.bytes * (1 - coalesce((
                    SELECT sum(bytes_after) / nullif(sum(bytes_before), 0) FROM {%1$s_compaction}
                    WHERE bytes_after IS NOT NULL), %2$s)))::bigint END AS could_save
            FROM d ORDER BY 1""";

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
