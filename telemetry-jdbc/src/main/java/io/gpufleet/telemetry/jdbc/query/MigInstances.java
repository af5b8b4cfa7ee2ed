package io.gpufleet.telemetry.jdbc.query;

import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** The numbers of MIG instances of GPUs in the hour before their newest samples. Belongs to one transaction. */
final class MigInstances {
    /**
     * Memory in use, and the share of time with work: each instance has its own. The second one counts where the first
     * one is not read.
     */
    private static final List<Integer> METRICS = List.of(
            GpuMetric.FB_USED.fieldId(),
            GpuMetric.named("DCGM_FI_PROF_GR_ENGINE_ACTIVE").fieldId());

    /** Whether the newest samples of a metric are of instances; null without samples. */
    private static final String IN_ROWS = """
            (SELECT bool_or(s.scope = 1) FROM (
                    SELECT n.ts FROM {gpu_sample} AS n
                    WHERE n.gpu_no = g.gpu_no AND n.metric_no = <metric> AND n.ts > g.last_seen - interval '1 hour'
                        AND n.ts <= g.last_seen AND n.ts > :oldest AND n.ts <= :newest
                    ORDER BY n.ts DESC LIMIT 1) AS n
                JOIN {gpu_sample} AS s ON s.gpu_no = g.gpu_no AND s.metric_no = <metric> AND s.ts = n.ts
                    AND s.ts > :oldest AND s.ts <= :newest)""";

    /**
     * Whether a GPU has samples of instances, and else the number in its wide rows. Each range has bounds by
     * parameters, too, so that a plan has the days of these only.
     */
    private static final String SHOWN = """
            SELECT * FROM (
                SELECT g.gpu_no, coalesce(<first>, <second>, false) OR EXISTS (
                        SELECT FROM {gpu_sample_piece} AS p
                        WHERE p.gpu_no = g.gpu_no AND p.metric_no = ANY (:metrics) AND p.scope IS DISTINCT FROM 0
                            AND p.hour > g.last_seen - interval '2 hours' AND p.hour <= g.last_seen
                            AND p.hour > :oldest AND p.hour <= :newest) AS in_samples,
                    coalesce((
                        SELECT w.mig_instances FROM {gpu_metrics} AS w
                        WHERE w.gpu_no = g.gpu_no AND w.time > g.last_seen - interval '1 hour' AND w.time <= g.last_seen
                            AND w.time > :oldest AND w.time <= :newest
                        ORDER BY w.time DESC LIMIT 1), (
                        SELECT count(DISTINCT i.gi) FROM {gpu_mig_metrics} AS i
                        WHERE i.gpu_no = g.gpu_no AND i.time > g.last_seen - interval '1 hour' AND i.time <= g.last_seen
                            AND i.time > :oldest AND i.time <= :newest)) AS in_wide_rows
                FROM {gpu} AS g WHERE g.gpu_no = ANY (:gpus)
            ) AS c WHERE in_samples OR in_wide_rows > 0""".replace(
                    "<first>", IN_ROWS.replace("<metric>", METRICS.get(0).toString()))
            .replace("<second>", IN_ROWS.replace("<metric>", METRICS.get(1).toString()));

    /** A question of its own: its plan takes longer than all else, and few GPUs need it. */
    private static final String COUNTS = """
            SELECT g.gpu_no, (
                SELECT count(DISTINCT s.instance) FROM (
                    SELECT s.ts, s.instance, s.scope FROM {gpu_sample} AS s
                    WHERE s.gpu_no = g.gpu_no AND s.metric_no = ANY (:metrics) AND s.ts > :oldest AND s.ts <= :newest
                    UNION ALL
                    SELECT u.ts, u.instance, u.scope FROM {gpu_sample_unpacked} AS u
                    WHERE u.gpu_no = g.gpu_no AND u.metric_no = ANY (:metrics)
                        AND u.hour > g.last_seen - interval '2 hours' AND u.hour <= g.last_seen
                        AND u.hour > :oldest AND u.hour <= :newest AND u.times_hour > :oldest
                        AND u.times_hour <= :newest) AS s
                WHERE s.scope = 1 AND s.ts > g.last_seen - interval '1 hour' AND s.ts <= g.last_seen) AS instances
            FROM {gpu} AS g WHERE g.gpu_no = ANY (:gpus)""";

    private static final Duration MOST_BEFORE = Duration.ofHours(2);

    private final Handle handle;
    private final Optional<String> schema;

    MigInstances(Handle handle, Optional<String> schema) {
        this.handle = handle;
        this.schema = schema;
    }

    /** Returns the numbers of instances of GPUs that have some, by the numbers of the GPUs. */
    Map<Integer, Integer> of(Map<Integer, StoredGpu> gpus) {
        Map<Integer, Integer> instances = new HashMap<>();
        if (gpus.isEmpty()) {
            return instances;
        }
        List<Integer> inSamples = new ArrayList<>();
        query(SHOWN, gpus, gpus.keySet())
                .map((row, context) ->
                        new Shown(row.getInt("gpu_no"), row.getBoolean("in_samples"), row.getInt("in_wide_rows")))
                .forEach(shown -> {
                    if (shown.inSamples()) {
                        inSamples.add(shown.gpu());
                    } else {
                        instances.put(shown.gpu(), shown.inWideRows());
                    }
                });
        if (!inSamples.isEmpty()) {
            query(COUNTS, gpus, inSamples)
                    .map((row, context) -> Map.entry(row.getInt("gpu_no"), row.getInt("instances")))
                    .forEach(count -> instances.put(count.getKey(), count.getValue()));
        }
        return instances;
    }

    /** What a GPU shows of its instances. */
    private record Shown(int gpu, boolean inSamples, int inWideRows) {}

    private Query query(String sql, Map<Integer, StoredGpu> gpus, Collection<Integer> asked) {
        List<Instant> seen = gpus.values().stream().map(StoredGpu::lastSeen).toList();
        return handle.createQuery(Identifier.qualifyAll(schema, sql))
                .bindArray("gpus", Integer.class, asked)
                .bindArray("metrics", Integer.class, METRICS)
                .bind("oldest", Collections.min(seen).minus(MOST_BEFORE).atOffset(ZoneOffset.UTC))
                .bind("newest", Collections.max(seen).atOffset(ZoneOffset.UTC));
    }
}
