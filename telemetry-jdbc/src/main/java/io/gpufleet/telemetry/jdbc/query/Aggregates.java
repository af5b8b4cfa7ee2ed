package io.gpufleet.telemetry.jdbc.query;

import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.MetricKind;
import io.gpufleet.telemetry.gpu.Scope;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** The aggregations of a GPU's metric. Belongs to one transaction. */
final class Aggregates {
    /** One value of a part of the GPU and time: its own, or the largest of the copies that workloads have. */
    private static final String VALUES = """
            WITH v AS (
                SELECT s.instance, s.ts, coalesce(max(s.metric_value) FILTER (WHERE s.scope <> 3),
                    max(s.metric_value)) AS value
                FROM {gpu_samples_between}(:gpu, :metric, :from, :to) AS s<filter>
                GROUP BY s.instance, s.ts
            ), r AS (
                SELECT instance, ts, value, lag(value) OVER w AS value_before, lag(ts) OVER w AS ts_before
                FROM v WINDOW w AS (PARTITION BY instance ORDER BY ts)
            )
            SELECT instance, <bucket> AS start, count(*) AS samples, <function> AS value
            FROM r GROUP BY 1, 2 ORDER BY 1, 2 OFFSET :offset LIMIT :limit""";

    private static final String BUCKET = "date_bin(make_interval(secs => :seconds), ts, timestamptz 'epoch')";

    private static final String INCREASE = "sum(CASE WHEN value_before IS NULL THEN 0 WHEN value >= value_before"
            + " THEN value - value_before ELSE value END ORDER BY ts)";

    private static final String SECONDS =
            "extract(epoch FROM max(ts) - min(coalesce(ts_before, ts)))::double precision";

    private static final Map<Aggregation, String> FUNCTIONS = Map.of(
            Aggregation.MIN, "min(value)",
            Aggregation.MAX, "max(value)",
            Aggregation.AVG, "sum(value ORDER BY ts) / count(*)",
            Aggregation.SUM, "sum(value ORDER BY ts)",
            Aggregation.COUNT, "count(*)::double precision",
            Aggregation.LAST, "(array_agg(value ORDER BY ts DESC))[1]",
            Aggregation.INCREASE, INCREASE,
            Aggregation.RATE, INCREASE + " / nullif(" + SECONDS + ", 0)");

    private final Handle handle;
    private final Optional<String> schema;

    Aggregates(Handle handle, Optional<String> schema) {
        this.handle = handle;
        this.schema = schema;
    }

    List<Aggregate> of(AggregateQuery query, Instant now) {
        TimeRange range = query.range().at(now);
        query.bucket().ifPresent(bucket -> Buckets.require(range, bucket));
        GpuNames.Found gpu = new GpuNames(schema).find(handle, query.gpu());
        SortedMap<Integer, String> metrics = new MetricNames(schema).find(handle, List.of(query.metric()));
        String name = GpuMetric.named(query.metric()).name();
        query.aggregation().requireOf(name, kind(name));
        if (metrics.isEmpty()) {
            return List.of();
        }
        GpuNames.Place place = new GpuNames(schema).place(handle, gpu);
        return bind(handle.createQuery(sql(query)), query, gpu, metrics.firstKey(), range)
                .map((row, context) -> aggregate(row, query, gpu, place, name))
                .list();
    }

    /** The catalogue knows the kinds of its metrics; of others, the table has what the first sample said. */
    private MetricKind kind(String name) {
        return GpuMetric.known(name)
                .map(GpuMetric::kind)
                .orElseGet(() -> MetricKind.valueOf(handle.createQuery(Identifier.qualifyAll(
                                schema, "SELECT upper(kind) FROM {gpu_metric} WHERE metric_name = :name"))
                        .bind("name", name)
                        .mapTo(String.class)
                        .one()));
    }

    private String sql(AggregateQuery query) {
        String filter = (query.instance().isPresent() ? " AND s.instance = :instance" : "")
                + (query.scope().isPresent() ? " AND s.scope = :scope" : "");
        return Identifier.qualifyAll(
                schema,
                VALUES.replace("<filter>", filter.isEmpty() ? "" : " WHERE true" + filter)
                        .replace("<bucket>", query.bucket().isPresent() ? BUCKET : "NULL::timestamptz")
                        .replace("<function>", FUNCTIONS.get(query.aggregation())));
    }

    private static Query bind(Query sql, AggregateQuery query, GpuNames.Found gpu, int metric, TimeRange range) {
        query.instance().ifPresent(part -> sql.bind("instance", part));
        query.scope().map(Scope::number).ifPresent(number -> sql.bind("scope", number));
        query.bucket().map(Duration::toSeconds).ifPresent(seconds -> sql.bind("seconds", (double) seconds));
        return sql.bind("gpu", gpu.number())
                .bind("metric", metric)
                .bind("from", range.start().atOffset(ZoneOffset.UTC))
                .bind("to", range.end().plus(1, ChronoUnit.MICROS).atOffset(ZoneOffset.UTC))
                .bind("offset", query.offset())
                .bind("limit", query.limit().isPresent() ? query.limit().getAsInt() : Integer.MAX_VALUE);
    }

    private static Aggregate aggregate(
            ResultSet row, AggregateQuery query, GpuNames.Found gpu, GpuNames.Place place, String metric)
            throws SQLException {
        double value = row.getDouble("value");
        OptionalDouble known = row.wasNull() ? OptionalDouble.empty() : OptionalDouble.of(value);
        return new Aggregate(
                gpu.uuid(),
                place.device(),
                place.hostname(),
                metric,
                query.aggregation(),
                row.getString("instance"),
                Optional.ofNullable(row.getObject("start", OffsetDateTime.class))
                        .map(OffsetDateTime::toInstant),
                known,
                row.getLong("samples"));
    }
}
