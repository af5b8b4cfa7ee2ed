package io.gpufleet.telemetry.jdbc.query;

import io.gpufleet.telemetry.gpu.InstanceTotal;
import io.gpufleet.telemetry.gpu.MetricKind;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.jdbi.v3.core.statement.Query;

/**
 * The SQL of a group of GPUs: which GPUs may belong to it, and their values. A sample is of the group that its labels
 * name, whatever its GPU has become since. Immutable.
 *
 * @param kind the kind of the group
 */
record GpuGroup(AggregateSubject.Kind kind) {
    /** The condition of the GPUs {@code g} that may have samples of a range. */
    static final String SEEN = "g.first_seen < :to AND g.last_seen >= :from";

    /** The condition of the samples {@code s} that are of a GPU, its MIG instances, or the workloads of these. */
    static final String OF_DEVICE = "s.scope IN (0, 1, 3) AND s.instance NOT LIKE 'nvlink:%'";

    /**
     * One value of a GPU and time: that of the whole GPU, or what its MIG instances make. Of a gauge, it is the value
     * of the samples of the group alone; a counter goes on in all samples of its GPU, so that no rise is lost or
     * counted twice when the GPU changes the group. Another time of the GPU ends the one before.
     */
    private static final String VALUES = """
            p AS (
                SELECT s.instance, s.ts, bool_or(<mine>) AS mine,
                    coalesce(max(s.metric_value) FILTER (WHERE <counts> AND s.scope <> 3),
                        max(s.metric_value) FILTER (WHERE <counts>)) AS value
                FROM {gpu_samples_between}(g.gpu_no, :metric, :from, :to) AS s
                WHERE <device>
                GROUP BY s.instance, s.ts
            ), v AS (
                SELECT '' AS instance, p.ts, bool_or(p.mine) AS mine,
                    coalesce(max(p.value) FILTER (WHERE p.instance = ''), <total>) AS value
                FROM p GROUP BY p.ts
            )""";

    private static final String LABELS = "s.labels_id IN (SELECT l.labels_id FROM {gpu_labels} AS l"
            + " WHERE l.<column> = :name AND l.last_day >= :day)";

    /** Returns the condition of the GPUs {@code g} that may have samples of the group. */
    String candidates() {
        return kind == AggregateSubject.Kind.HOST ? SEEN + " AND (g.hostname = :name OR g.moved_at >= :from)" : SEEN;
    }

    /** Returns the common table expression {@code v} of the values of a GPU {@code g}. */
    String values(InstanceTotal total, MetricKind metric) {
        return VALUES.replace("<counts>", metric == MetricKind.COUNTER ? "true" : "<mine>")
                .replace("<mine>", mine())
                .replace("<total>", sql(total))
                .replace("<device>", OF_DEVICE);
    }

    private String mine() {
        return switch (kind) {
            case HOST -> LABELS.replace("<column>", "hostname");
            case NAMESPACE -> LABELS.replace("<column>", "namespace");
            case GPU, FLEET -> "true";
        };
    }

    private static String sql(InstanceTotal total) {
        return switch (total) {
            case LARGEST -> "max(p.value)";
            case SUM -> "sum(p.value ORDER BY p.instance)";
            case NONE -> "NULL::double precision";
        };
    }

    /** Binds the name of the group, and the first day of its labels. */
    void bind(Query sql, String name, TimeRange range) {
        if (kind == AggregateSubject.Kind.HOST || kind == AggregateSubject.Kind.NAMESPACE) {
            sql.bind("name", name).bind("day", LocalDate.ofInstant(range.start(), ZoneOffset.UTC));
        }
    }
}
