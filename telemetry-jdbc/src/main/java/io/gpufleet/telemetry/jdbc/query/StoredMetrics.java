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
import org.jdbi.v3.core.Handle;

/** The metrics, with the number of their samples in the last day. Belongs to one transaction. */
final class StoredMetrics {
    /** Of whole hours, pieces know the number of their samples; the first hour is unpacked. */
    private static final String METRICS = """
            SELECT m.metric_name, m.kind, m.unit, coalesce(sum(c.samples), 0) AS samples
            FROM {gpu_metric} AS m LEFT JOIN (
                SELECT metric_no, count(*) AS samples FROM {gpu_sample} WHERE ts > :since AND ts <= :now GROUP BY 1
                UNION ALL
                SELECT metric_no, count(*) FROM {gpu_sample_unpacked}
                WHERE hour = :first AND ts > :since GROUP BY 1
                UNION ALL
                SELECT metric_no, sum(samples) FROM {gpu_sample_piece} WHERE hour > :first AND hour <= :now GROUP BY 1
            ) AS c USING (metric_no)
            GROUP BY 1, 2, 3 ORDER BY 1""";

    private static final Duration DAY = Duration.ofHours(24);

    private final Handle handle;
    private final Optional<String> schema;

    StoredMetrics(Handle handle, Optional<String> schema) {
        this.handle = handle;
        this.schema = schema;
    }

    List<StoredMetric> at(Instant now) {
        Instant since = now.minus(DAY);
        return handle.createQuery(Identifier.qualifyAll(schema, METRICS))
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
