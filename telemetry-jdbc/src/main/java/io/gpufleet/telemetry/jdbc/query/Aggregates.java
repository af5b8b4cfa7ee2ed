package io.gpufleet.telemetry.jdbc.query;

import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.MetricKind;
import io.gpufleet.telemetry.gpu.Scope;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import io.gpufleet.telemetry.jdbc.internal.SqlFailure;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.Query;

/** The aggregations of a metric of a GPU or a group of GPUs. Belongs to one transaction. */
final class Aggregates {
    private static final String ANSWER = """
            SELECT q.instance, q.start, sum(q.samples)::bigint AS samples, <whole> AS value
            FROM (
                SELECT g.gpu_no, o.* FROM {gpu} AS g CROSS JOIN LATERAL (
                    WITH <values>, r AS (
                        SELECT instance, ts, value, mine, lag(value) OVER w AS value_before, lag(ts) OVER w AS ts_before,
                            lead(ts) OVER w AS ts_after
                        FROM v WINDOW w AS (PARTITION BY instance ORDER BY ts)
                    )
                    <part>
                ) AS o
                WHERE <gpus>
            ) AS q
            GROUP BY 1, 2 HAVING sum(q.samples) > 0 ORDER BY 1, 2 OFFSET :offset LIMIT :limit""";

    /** One value of a part of the GPU and time: its own, or the largest of the copies that workloads have. */
    private static final String OF_PARTS = """
            v AS (
                SELECT s.instance, s.ts, true AS mine, coalesce(max(s.metric_value) FILTER (WHERE s.scope <> 3),
                    max(s.metric_value)) AS value
                FROM {gpu_samples_between}(g.gpu_no, :metric, :from, :to) AS s<filter>
                GROUP BY s.instance, s.ts
            )""";

    /** The seconds from 1970 to the year 10000: a longer bucket holds the same times, but no interval of the server. */
    private static final long LONGEST = 253_402_300_800L;

    private final Handle handle;
    private final Optional<String> schema;

    Aggregates(Handle handle, Optional<String> schema) {
        this.handle = handle;
        this.schema = schema;
    }

    List<Aggregate> of(AggregateQuery query, Instant now) {
        TimeRange range = query.range().at(now);
        query.bucket().ifPresent(bucket -> Buckets.require(range, bucket));
        Optional<GpuNames.Found> gpu = gpu(query.subject());
        SortedMap<Integer, String> metrics = new MetricNames(schema).find(handle, List.of(query.metric()));
        GpuMetric metric = GpuMetric.named(query.metric());
        MetricKind kind = kind(metric.name());
        query.aggregation().requireOf(metric.name(), kind);
        if (metrics.isEmpty()) {
            return List.of();
        }
        Owner owner = owner(query.subject(), gpu);
        Query sql = handle.createQuery(sql(query, metric, kind));
        gpu.ifPresent(found -> sql.bind("gpu", found.number()));
        try {
            return bind(sql, query, metrics.firstKey(), range)
                    .map((row, context) -> aggregate(row, query, owner, metric.name()))
                    .list();
        } catch (JdbiException e) {
            throw SqlFailure.isOutOfRange(e) ? beyondNumbers(query.aggregation(), metric) : e;
        }
    }

    /** The values are so large, or so near to 0, that their sum or mean is no double. */
    private static InvalidQueryException beyondNumbers(Aggregation aggregation, GpuMetric metric) {
        return new InvalidQueryException(
                "aggregation",
                "aggregation " + aggregation.text() + " of " + metric.name()
                        + " is beyond the numbers of a double; allowed here: min, max, count");
    }

    private Optional<GpuNames.Found> gpu(AggregateSubject subject) {
        return subject.isGroup() ? Optional.empty() : Optional.of(new GpuNames(schema).find(handle, subject.name()));
    }

    /** The GPU or group as its rows name it; what they do not name is empty. */
    private record Owner(String uuid, String device, String hostname, String namespace) {}

    private Owner owner(AggregateSubject subject, Optional<GpuNames.Found> gpu) {
        return gpu.map(found -> {
                    GpuNames.Place place = new GpuNames(schema).place(handle, found);
                    return new Owner(found.uuid(), place.device(), place.hostname(), "");
                })
                .orElseGet(() -> new Owner(
                        "",
                        "",
                        subject.nameOf(AggregateSubject.Kind.HOST),
                        subject.nameOf(AggregateSubject.Kind.NAMESPACE)));
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

    private String sql(AggregateQuery query, GpuMetric metric, MetricKind kind) {
        AggregateParts parts = AggregateParts.of(query);
        GpuGroup group = new GpuGroup(query.subject().kind());
        boolean isGroup = query.subject().isGroup();
        String sql = ANSWER.replace("<values>", isGroup ? group.values(metric.instanceTotal(), kind) : ofParts(query))
                .replace("<gpus>", isGroup ? group.candidates() : "g.gpu_no = :gpu")
                .replace("<part>", parts.ofGpu())
                .replace("<whole>", parts.ofAll());
        return Identifier.qualifyAll(schema, sql);
    }

    private static String ofParts(AggregateQuery query) {
        String filter = (query.instance().isPresent() ? " AND s.instance = :instance" : "")
                + (query.scope().isPresent() ? " AND s.scope = :scope" : "");
        return OF_PARTS.replace("<filter>", filter.isEmpty() ? "" : " WHERE true" + filter);
    }

    private static Query bind(Query sql, AggregateQuery query, int metric, TimeRange range) {
        query.instance().ifPresent(part -> sql.bind("instance", part));
        query.scope().map(Scope::number).ifPresent(number -> sql.bind("scope", number));
        query.bucket()
                .map(Duration::toSeconds)
                .map(seconds -> Math.min(seconds, LONGEST))
                .ifPresent(seconds -> sql.bind("seconds", (double) seconds));
        if (query.isTimeWeighted()) {
            sql.bind("end", range.end().atOffset(ZoneOffset.UTC));
        }
        new GpuGroup(query.subject().kind()).bind(sql, query.subject().name(), range);
        return sql.bind("metric", metric)
                .bind("from", range.start().atOffset(ZoneOffset.UTC))
                .bind("to", range.end().plus(1, ChronoUnit.MICROS).atOffset(ZoneOffset.UTC))
                .bind("offset", query.offset())
                .bind("limit", query.limit().isPresent() ? query.limit().getAsInt() : Integer.MAX_VALUE);
    }

    private static Aggregate aggregate(ResultSet row, AggregateQuery query, Owner owner, String metric)
            throws SQLException {
        double value = row.getDouble("value");
        OptionalDouble known = row.wasNull() ? OptionalDouble.empty() : OptionalDouble.of(value);
        return new Aggregate(
                owner.uuid(),
                owner.device(),
                owner.hostname(),
                owner.namespace(),
                metric,
                query.aggregation(),
                row.getString("instance"),
                Optional.ofNullable(row.getObject("start", OffsetDateTime.class))
                        .map(OffsetDateTime::toInstant),
                known,
                row.getLong("samples"));
    }
}
