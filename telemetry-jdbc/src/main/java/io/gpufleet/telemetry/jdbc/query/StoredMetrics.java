package io.gpufleet.telemetry.jdbc.query;

import io.gpufleet.telemetry.gpu.MetricKind;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/** The metrics, with the number of their samples in the last day. Belongs to one transaction. */
final class StoredMetrics {
    /** Samples of so many GPUs are counted; of twice as many, every second GPU is. */
    private static final int COUNTED_GPUS = 10;

    /**
     * To count the samples of a day is to read it, so only those of some GPUs are, of each metric's own. Of whole
     * hours, pieces know the number of their samples; the first hour is unpacked.
     */
    private static final String METRICS = """
            WITH present AS MATERIALIZED (
                SELECT m.metric_no, g.gpu_no, count(*) OVER (PARTITION BY m.metric_no) AS gpus,
                    row_number() OVER (PARTITION BY m.metric_no ORDER BY g.gpu_no) AS place
                FROM {gpu_metric} AS m CROSS JOIN unnest(:gpus) AS g(gpu_no) CROSS JOIN LATERAL (
                    SELECT * FROM (
                        (SELECT 1 FROM {gpu_sample} AS s WHERE s.gpu_no = g.gpu_no AND s.metric_no = m.metric_no
                            AND s.ts > :since AND s.ts <= :now LIMIT 1)
                        UNION ALL
                        (SELECT 1 FROM {gpu_sample_piece} AS p WHERE p.gpu_no = g.gpu_no AND p.metric_no = m.metric_no
                            AND p.hour >= :first AND p.hour <= :now LIMIT 1)) AS any_sample LIMIT 1) AS one
            ), counted AS (
                SELECT p.metric_no, round(sum(c.samples) * max(p.gpus) / count(*)) AS samples
                FROM present AS p CROSS JOIN LATERAL (
                    SELECT (SELECT count(*) FROM {gpu_sample} AS s WHERE s.gpu_no = p.gpu_no
                            AND s.metric_no = p.metric_no AND s.ts > :since AND s.ts <= :now)
                        + (SELECT count(*) FROM {gpu_sample_unpacked} AS u WHERE u.gpu_no = p.gpu_no
                            AND u.metric_no = p.metric_no AND u.hour = :first AND u.ts > :since)
                        + (SELECT coalesce(sum(i.samples), 0) FROM {gpu_sample_piece} AS i WHERE i.gpu_no = p.gpu_no
                            AND i.metric_no = p.metric_no AND i.hour > :first AND i.hour <= :now) AS samples) AS c
                WHERE mod(p.place - 1, greatest(p.gpus / :counted_gpus, 1)) = 0
                GROUP BY 1
            )
            SELECT metric_name, kind, coalesce(unit, '') AS unit, coalesce(samples, 0) AS samples
            FROM {gpu_metric} LEFT JOIN counted USING (metric_no) ORDER BY 1""";

    private static final Duration DAY = Duration.ofHours(24);

    private final Handle handle;
    private final Optional<String> schema;

    StoredMetrics(Handle handle, Optional<String> schema) {
        this.handle = handle;
        this.schema = schema;
    }

    List<StoredMetric> at(Instant now) {
        Instant since = now.minus(DAY);
        Set<Integer> gpus = new GpuNames(schema).seenBetween(handle, since, now).keySet();
        return handle.createQuery(Identifier.qualifyAll(schema, METRICS))
                .bindArray("gpus", Integer.class, gpus)
                .bind("counted_gpus", COUNTED_GPUS)
                .bind("since", since.atOffset(ZoneOffset.UTC))
                .bind("first", since.truncatedTo(ChronoUnit.HOURS).atOffset(ZoneOffset.UTC))
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .map((row, context) -> new StoredMetric(
                        row.getString("metric_name"),
                        MetricKind.valueOf(row.getString("kind").toUpperCase(Locale.ROOT)),
                        row.getString("unit"),
                        row.getLong("samples")))
                .list();
    }
}
