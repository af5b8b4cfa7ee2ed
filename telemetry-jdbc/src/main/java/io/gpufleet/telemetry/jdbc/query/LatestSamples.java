package io.gpufleet.telemetry.jdbc.query;

import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.jdbi.v3.core.Handle;

/** The newest samples of GPUs and metrics, from rows and from pieces. Belongs to one transaction. */
final class LatestSamples {
    /**
     * The newest row and the newest piece of each GPU and metric by their keys; a piece is unpacked only if it may hold
     * a newer sample than the row. All ranges have bounds by parameters, so that a plan has the days of these only.
     */
    private static final String NEWEST = """
            WITH newest AS MATERIALIZED (
                SELECT g.gpu_no, m.metric_no, r.ts, h.hour
                FROM unnest(:gpus) AS g(gpu_no) CROSS JOIN unnest(:metrics) AS m(metric_no)
                    LEFT JOIN LATERAL (SELECT s.ts FROM {gpu_sample} AS s
                        WHERE s.gpu_no = g.gpu_no AND s.metric_no = m.metric_no AND s.ts >= :since
                        ORDER BY s.ts DESC LIMIT 1) AS r ON true
                    LEFT JOIN LATERAL (SELECT p.hour FROM {gpu_sample_piece} AS p
                        WHERE p.gpu_no = g.gpu_no AND p.metric_no = m.metric_no AND p.hour >= :since_hour
                        ORDER BY p.hour DESC LIMIT 1) AS h ON h.hour + interval '1 hour' > coalesce(r.ts, '-infinity')
            )
            SELECT s.* FROM newest AS n CROSS JOIN LATERAL (
                SELECT <columns> FROM {gpu_sample} AS s
                WHERE s.gpu_no = n.gpu_no AND s.metric_no = n.metric_no AND s.ts = n.ts AND s.ts >= :since
                UNION ALL
                SELECT <columns> FROM {gpu_sample_unpacked} AS s
                WHERE s.gpu_no = n.gpu_no AND s.metric_no = n.metric_no AND s.hour = n.hour AND s.times_hour = n.hour
                    AND s.hour >= :since_hour AND s.times_hour >= :since_hour AND s.ts >= :since
            ) AS s""";

    private final Handle handle;
    private final Optional<String> schema;

    LatestSamples(Handle handle, Optional<String> schema) {
        this.handle = handle;
        this.schema = schema;
    }

    List<StoredSample> of(LatestQuery query, Instant now) {
        Instant since = TimeRange.since(now, query.maxAge());
        SortedMap<Integer, String> metrics = new MetricNames(schema).find(handle, query.metrics());
        Map<Integer, String> gpus = query.gpu().isPresent()
                ? one(query.gpu().get())
                : new GpuNames(schema).seenBetween(handle, since, TimeRange.LAST);
        return new SampleTexts(handle, schema).of(of(gpus.keySet(), metrics.keySet(), since), gpus, metrics);
    }

    /** Returns the newest samples of GPUs and metrics, by their numbers. */
    List<SampleRow> of(Collection<Integer> gpus, Collection<Integer> metrics, Instant since) {
        List<SampleRow> rows = handle.createQuery(
                        Identifier.qualifyAll(schema, NEWEST.replace("<columns>", SampleRow.COLUMNS)))
                .bindArray("gpus", Integer.class, gpus)
                .bindArray("metrics", Integer.class, metrics)
                .bind("since", since.atOffset(ZoneOffset.UTC))
                .bind("since_hour", since.truncatedTo(ChronoUnit.HOURS).atOffset(ZoneOffset.UTC))
                .map((row, context) -> SampleRow.of(row))
                .list();
        return newest(rows);
    }

    private Map<Integer, String> one(String id) {
        GpuNames.Found gpu = new GpuNames(schema).find(handle, id);
        return Map.of(gpu.number(), gpu.uuid());
    }

    /** Returns the samples of the newest time of each GPU and metric. */
    private static List<SampleRow> newest(List<SampleRow> rows) {
        Map<List<Integer>, Instant> times = new HashMap<>();
        rows.forEach(row -> times.merge(
                List.of(row.gpu(), row.position().metric()),
                row.position().time(),
                (one, other) -> one.isAfter(other) ? one : other));
        List<SampleRow> newest = new ArrayList<>(rows);
        newest.removeIf(row -> !row.position()
                .time()
                .equals(times.get(List.of(row.gpu(), row.position().metric()))));
        newest.sort(Comparator.comparingInt(SampleRow::gpu)
                .thenComparingInt(row -> row.position().metric())
                .thenComparingLong(row -> row.position().series()));
        return newest;
    }
}
