package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.gpu.GpuReading;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The memory of GPUs with MIG instances as the sum over their instances. A row is recomputed from the stored rows of
 * instances, so it depends on their set and not on the order in which they came.
 */
final class MemorySum {
    private static final List<GpuReading> SUMS = List.of(GpuReading.FB_USED, GpuReading.FB_FREE, GpuReading.FB_TOTAL);

    /**
     * The rows of the touched times, and those of the hour after them, since an instance belongs to the GPU for an
     * hour. The loop over the key finds the instances of a GPU without reading all of their rows.
     */
    static final String UPDATE = """
            UPDATE {gpu_metrics} AS g SET %1$s, derived = nullif(%2$s, 0)
            FROM (
                SELECT w.gpu_no, w.time FROM {gpu_metrics} AS w
                WHERE EXISTS (SELECT 1 FROM {rows} AS r WHERE r.gpu_no = w.gpu_no AND w.time >= r.time
                    AND w.time < r.time + interval '1 hour')
            ) AS touched
            CROSS JOIN LATERAL (
                SELECT count(*) AS seen, %3$s
                FROM (
                    WITH RECURSIVE gis AS (
                        (SELECT min(m.gi) AS gi FROM {gpu_mig_metrics} AS m WHERE m.gpu_no = touched.gpu_no
                            AND m.time > touched.time - interval '1 hour' AND m.time <= touched.time)
                        UNION ALL
                        SELECT (SELECT min(m.gi) FROM {gpu_mig_metrics} AS m WHERE m.gpu_no = touched.gpu_no
                            AND m.gi > gis.gi
                            AND m.time > touched.time - interval '1 hour' AND m.time <= touched.time)
                        FROM gis WHERE gis.gi IS NOT NULL
                    )
                    SELECT gi FROM gis WHERE gi IS NOT NULL
                ) AS i
                LEFT JOIN {gpu_mig_metrics} AS m ON m.gpu_no = touched.gpu_no AND m.gi = i.gi AND m.time = touched.time
            ) AS s
            WHERE g.gpu_no = touched.gpu_no AND g.time = touched.time AND (%4$s)""".formatted(
                    each("%1$s = CASE WHEN %3$s THEN g.%1$s ELSE %4$s END", ", "),
                    "coalesce(g.derived, 0) & ~"
                            + SUMS.stream().mapToLong(MemorySum::bit).sum() + each(" | %5$s", ""),
                    each("count(m.%1$s) AS n_%1$s, least(sum(m.%1$s), 9223372036854775807)::bigint AS s_%1$s", ", "),
                    each("NOT %3$s AND g.%1$s IS DISTINCT FROM %4$s", " OR "));

    private MemorySum() {}

    private static long bit(GpuReading reading) {
        return 1L << reading.number();
    }

    /**
     * Formats a text for each column: 1 the column, 2 its bit, 3 whether the reading is the GPU's own or a workload's,
     * 4 the sum or null, 5 the bit afterwards.
     */
    private static String each(String text, String separator) {
        return SUMS.stream()
                .map(reading -> {
                    String column = reading.column();
                    String own = "(g." + column + " IS NOT NULL AND (coalesce(g.derived, 0) & " + bit(reading)
                            + " = 0 OR g.at[" + (reading.number() + 1) + "] IS NOT NULL))";
                    String sum = "CASE WHEN s.n_" + column + " = s.seen THEN s.s_" + column + " END";
                    String after = "CASE WHEN " + own + " THEN coalesce(g.derived, 0) & " + bit(reading) + " WHEN s.n_"
                            + column + " = s.seen THEN " + bit(reading) + " ELSE 0 END";
                    return text.formatted(column, bit(reading), own, sum, after);
                })
                .collect(Collectors.joining(separator));
    }
}
