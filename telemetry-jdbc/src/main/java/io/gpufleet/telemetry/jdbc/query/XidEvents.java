package io.gpufleet.telemetry.jdbc.query;

import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * The Xid events of GPUs, computed from their samples, so that late and repeated ones do not matter; of a GPU without
 * such samples, from its wide rows. Belongs to one transaction.
 */
final class XidEvents {
    /** How far before the range the Xid before its first sample is looked for. */
    private static final Duration BEFORE = Duration.ofDays(1);

    /**
     * A pod or a MIG instance begins a series of its own, with the Xid that the GPU has had before: an event is new to
     * its series, and was in no other at the time before.
     */
    private static final String EVENTS = """
            SELECT e.ts, g.uuid, e.xid, e.instance, coalesce(l.hostname, g.hostname, '') AS hostname
            FROM (
                SELECT DISTINCT ON (g.gpu_no, v.ts) v.ts, g.gpu_no, v.xid, v.instance, v.labels_id
                FROM unnest(:gpus) AS g(gpu_no) CROSS JOIN LATERAL (
                    WITH x AS MATERIALIZED (
                        SELECT s.ts, s.metric_value AS xid, s.instance, s.labels_id,
                            lag(s.metric_value, 1, 0::double precision)
                                OVER (PARTITION BY s.series_key ORDER BY s.ts) AS previous,
                            max(s.ts) OVER (ORDER BY s.ts RANGE BETWEEN UNBOUNDED PRECEDING
                                AND interval '1 microsecond' PRECEDING) AS ts_before
                        FROM {gpu_samples_between}(g.gpu_no, :metric, :since, :before) AS s
                    )
                    SELECT x.ts, x.xid, x.instance, x.labels_id, x.previous FROM x
                    WHERE NOT EXISTS (SELECT FROM x AS b WHERE b.ts = x.ts_before AND b.xid = x.xid)
                    UNION ALL
                    SELECT w.time, w.xid_last, '', NULL, lag(w.xid_last, 1, 0) OVER (ORDER BY w.time)
                    FROM {gpu_metrics_between}(g.gpu_no, :since, :before) AS w
                    WHERE w.xid_last IS NOT NULL AND NOT EXISTS (
                        SELECT FROM {gpu_samples_between}(g.gpu_no, :metric, :since, :before))
                ) AS v
                WHERE v.xid <> v.previous AND v.xid <> 0 AND v.ts >= :from
                ORDER BY g.gpu_no, v.ts, v.xid DESC, v.instance
            ) AS e
                JOIN {gpu} AS g USING (gpu_no)
                LEFT JOIN {gpu_labels} AS l USING (labels_id)
            ORDER BY e.ts DESC, e.gpu_no DESC OFFSET :offset LIMIT :limit""";

    private final Handle handle;
    private final Optional<String> schema;

    XidEvents(Handle handle, Optional<String> schema) {
        this.handle = handle;
        this.schema = schema;
    }

    List<XidEvent> of(XidQuery query, Instant now) {
        TimeRange range = query.range().at(now);
        Instant since = range.start().minus(BEFORE);
        Collection<Integer> gpus = query.gpu().isPresent()
                ? List.of(new GpuNames(schema).find(handle, query.gpu().get()).number())
                : new GpuNames(schema).seenBetween(handle, since, range.end()).keySet();
        return handle.createQuery(Identifier.qualifyAll(schema, EVENTS))
                .bindArray("gpus", Integer.class, gpus)
                .bind("metric", GpuMetric.XID_ERRORS.fieldId())
                .bind("since", since.atOffset(ZoneOffset.UTC))
                .bind("before", range.end().plus(1, ChronoUnit.MICROS).atOffset(ZoneOffset.UTC))
                .bind("from", range.start().atOffset(ZoneOffset.UTC))
                .bind("offset", query.offset())
                .bind("limit", query.limit())
                .map((row, context) -> event(row))
                .list();
    }

    private static XidEvent event(ResultSet row) throws SQLException {
        return new XidEvent(
                row.getObject("ts", OffsetDateTime.class).toInstant(),
                row.getString("uuid"),
                (int) row.getDouble("xid"),
                row.getString("instance"),
                row.getString("hostname"));
    }
}
