package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.gpu.GpuReading;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The check of wide rows against the samples of the same messages, where one sink writes both: every reading of a row
 * is that of a sample, and every sample of the GPU is in a row, or yields there to another. It looks at the days that
 * both tables keep, compacted ones too. Immutable.
 */
final class WideFromLong {
    /** The readings of rows, one a line, with the value that a sample must have. */
    private static final String READINGS = """
            WITH kept AS (
                SELECT greatest((SELECT max(kept_from) FROM {gpu_sample_retention}),
                    (SELECT max(kept_from) FROM {gpu_metrics_retention}))::timestamp AT TIME ZONE 'UTC' AS first
            ), r AS (
                SELECT m.gpu_uuid AS uuid, m.time, m.at, v.*, coalesce(m.derived, 0) & v.bit <> 0 AS derived
                FROM {gpu_metrics_by_uuid} AS m JOIN kept ON m.time >= kept.first
                    CROSS JOIN LATERAL (VALUES %1$s) AS v(metric, place, bit, memory, stored)
                WHERE v.stored IS NOT NULL
            ), s AS (
                SELECT t.uuid, t.metric_name AS metric, t.ts, t.scope, t.instance, t.metric_value,
                    CASE v.type WHEN 'real' THEN (t.metric_value * v.factor)::real::float8
                        WHEN 'double precision' THEN t.metric_value * v.factor
                        ELSE round(t.metric_value * v.factor) END AS value
                FROM {gpu_telemetry} AS t JOIN (VALUES %2$s) AS v(metric, type, factor) ON v.metric = t.metric_name
                WHERE t.instance NOT LIKE 'nvlink:%%' AND t.scope <> 4
            )
            """;

    private static final String WITHOUT_SAMPLE = READINGS + """
            SELECT r.uuid || ' at ' || r.time AS subject, r.metric AS name, r.stored::text AS stored,
                'that of a sample' AS expected
            FROM r WHERE NOT (r.derived AND r.memory AND r.at[r.place] IS NULL) AND NOT EXISTS (
                SELECT 1 FROM s WHERE s.uuid = r.uuid AND s.metric = r.metric AND s.value = r.stored
                    AND (s.instance <> '' OR s.scope = 3) = r.derived
                    AND CASE WHEN r.at IS NULL THEN s.ts BETWEEN r.time AND r.time + %3$s
                        ELSE s.ts = r.time + r.at[r.place] * interval '1 microsecond' END)
            ORDER BY 1""";

    private static final String WITHOUT_ROW = READINGS + """
            SELECT s.uuid || ' at ' || s.ts AS subject, s.metric AS name, 'missing' AS stored, s.value::text AS expected
            FROM s JOIN kept ON s.ts >= kept.first + %3$s WHERE s.instance = '' AND NOT EXISTS (
                SELECT 1 FROM r WHERE r.uuid = s.uuid AND r.metric = s.metric
                    AND r.time <= s.ts AND r.time >= s.ts - %3$s
                    AND CASE WHEN r.at IS NULL OR s.scope = 3 THEN true ELSE NOT r.derived
                        AND (r.time + r.at[r.place] * interval '1 microsecond', r.stored) >= (s.ts, s.value) END)
            ORDER BY 1""";

    private static final String WRONG_SUM =
            """
            SELECT m.gpu_uuid || ' at ' || m.time AS subject, 'fb_used_bytes' AS name, m.fb_used_bytes::text AS stored,
                i.sum::text AS expected
            FROM {gpu_metrics_by_uuid} AS m CROSS JOIN LATERAL (
                SELECT sum(i.fb_used_bytes) FROM {gpu_mig_metrics} AS i WHERE i.gpu_no = m.gpu_no AND i.time = m.time
            ) AS i
            WHERE coalesce(m.derived, 0) & %1$d <> 0 AND m.at[%2$d] IS NULL AND m.fb_used_bytes IS DISTINCT FROM i.sum
            ORDER BY 1""".formatted(1L << GpuReading.FB_USED.number(), GpuReading.FB_USED.number() + 1);

    private WideFromLong() {}

    /**
     * Returns the queries for differences: subject, name, stored and expected value.
     *
     * @param rows how the sink puts samples into rows
     */
    static List<String> queries(Optional<String> schema, WideRows rows) {
        Duration reach =
                rows.tolerance().orElseGet(() -> rows.grid().orElseThrow().minusNanos(1_000));
        String interval = "interval '" + reach.toNanos() / 1_000 + " microseconds'";
        return Stream.of(
                        WITHOUT_SAMPLE.formatted(stored(), sampled(), interval),
                        WITHOUT_ROW.formatted(stored(), sampled(), interval),
                        WRONG_SUM)
                .map(sql -> Identifier.qualifyAll(schema, sql))
                .toList();
    }

    private static String stored() {
        return lines("('%1$s', %2$d, %3$d::bigint, %4$b, m.%5$s::float8)");
    }

    private static String sampled() {
        return lines("('%1$s', '%6$s', %7$s::float8)");
    }

    private static String lines(String line) {
        return Arrays.stream(GpuReading.values())
                .filter(reading -> reading.metric().isPresent())
                .map(reading -> line.formatted(
                        reading.metric().orElseThrow().name(),
                        reading.number() + 1,
                        1L << reading.number(),
                        reading.column().startsWith("fb_"),
                        reading.column(),
                        reading.columnType(),
                        reading.fromMetric() * reading.toColumn()))
                .collect(Collectors.joining(", "));
    }
}
