package io.gpufleet.telemetry.jdbc.query;

import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** The GPUs, and their numbers by host and namespace, from the table of GPUs alone. Belongs to one transaction. */
final class GpuList {
    /** A GPU without a sample has only been numbered. */
    private static final String FILTERED = " FROM {gpu} WHERE last_seen IS NOT NULL<filter>";

    /** Memory in use, and the share of time with work: each MIG instance has its own. */
    private static final List<Integer> MIG_METRICS = List.of(
            GpuMetric.FB_USED.fieldId(),
            GpuMetric.named("DCGM_FI_PROF_GR_ENGINE_ACTIVE").fieldId());

    /**
     * By device in the order of people: nvidia2 before nvidia10. The beginning of the host's name leads along an index,
     * so that a page does not sort all GPUs.
     */
    private static final String BY_PLACE =
            " ORDER BY left(hostname, 128), hostname, gpu_id, length(device), device, uuid OFFSET :offset LIMIT :limit";

    private static final String NUMBER = " AND gpu_no = :gpu";

    private static final String QUIET = " AND last_seen < :before ORDER BY last_seen, uuid LIMIT :limit";

    /** What the GPUs of a page need to be read of samples. */
    private static final String SPAN =
            "SELECT min(last_seen) - interval '2 hours' AS oldest, max(last_seen) AS newest FROM (SELECT *<gpus>) AS g";

    /**
     * The newest of these metrics show whether a GPU is in MIG mode: memory and work are read of each instance. The
     * instances of the hour before count. Each range has bounds by parameters, too, so that a plan has the days of
     * these only.
     */
    private static final String ROWS = """
            SELECT g.uuid, g.gpu_id, coalesce(g.device, '') AS device, coalesce(g.model_name, '') AS model_name,
                coalesce(g.hostname, '') AS hostname, coalesce(g.pci_bus_id, '') AS pci_bus_id,
                coalesce(g.namespace, '') AS namespace, g.first_seen, g.last_seen,
                CASE WHEN EXISTS (
                    SELECT FROM unnest(:metrics) AS m(metric_no) CROSS JOIN LATERAL (
                        SELECT s.ts FROM {gpu_sample} AS s
                        WHERE s.gpu_no = g.gpu_no AND s.metric_no = m.metric_no AND s.ts > g.last_seen - interval '1 hour'
                            AND s.ts <= g.last_seen AND s.ts > :oldest AND s.ts <= :newest
                        ORDER BY s.ts DESC LIMIT 1) AS n JOIN {gpu_sample} AS s ON s.gpu_no = g.gpu_no
                            AND s.metric_no = m.metric_no AND s.ts = n.ts AND s.ts > :oldest AND s.ts <= :newest
                    WHERE s.scope = 1)
                    OR EXISTS (
                    SELECT FROM {gpu_sample_piece} AS p
                    WHERE p.gpu_no = g.gpu_no AND p.metric_no = ANY (:metrics) AND p.scope IS DISTINCT FROM 0
                        AND p.hour > g.last_seen - interval '2 hours' AND p.hour <= g.last_seen
                        AND p.hour > :oldest AND p.hour <= :newest)
                THEN (
                    SELECT count(DISTINCT s.instance) FROM (
                        SELECT s.ts, s.instance, s.scope FROM {gpu_sample} AS s
                        WHERE s.gpu_no = g.gpu_no AND s.metric_no = ANY (:metrics) AND s.ts > :oldest AND s.ts <= :newest
                        UNION ALL
                        SELECT u.ts, u.instance, u.scope FROM {gpu_sample_unpacked} AS u
                        WHERE u.gpu_no = g.gpu_no AND u.metric_no = ANY (:metrics)
                            AND u.hour > g.last_seen - interval '2 hours' AND u.hour <= g.last_seen
                            AND u.hour > :oldest AND u.hour <= :newest AND u.times_hour > :oldest
                            AND u.times_hour <= :newest) AS s
                    WHERE s.scope = 1 AND s.ts > g.last_seen - interval '1 hour' AND s.ts <= g.last_seen)
                ELSE coalesce((
                    SELECT w.mig_instances FROM {gpu_metrics} AS w
                    WHERE w.gpu_no = g.gpu_no AND w.time > g.last_seen - interval '1 hour' AND w.time <= g.last_seen
                        AND w.time > :oldest AND w.time <= :newest
                    ORDER BY w.time DESC LIMIT 1), (
                    SELECT count(DISTINCT i.gi) FROM {gpu_mig_metrics} AS i
                    WHERE i.gpu_no = g.gpu_no AND i.time > g.last_seen - interval '1 hour' AND i.time <= g.last_seen
                        AND i.time > :oldest AND i.time <= :newest))
                END AS mig_instances
            FROM (SELECT *<gpus>) AS g""";

    private static final String COUNT = "SELECT count(*)" + FILTERED;

    private static final String BY = "SELECT <column> AS name, count(*) AS gpus FROM {gpu} WHERE last_seen IS NOT NULL"
            + " AND <column> <> '' GROUP BY 1 ORDER BY 1";

    private final Handle handle;
    private final Optional<String> schema;

    /** The times that hold the newest samples of some GPUs. */
    private record Span(OffsetDateTime oldest, OffsetDateTime newest) {
        /** Returns the span of a row; none if there was no GPU. */
        static Optional<Span> of(ResultSet row) throws SQLException {
            OffsetDateTime oldest = row.getObject("oldest", OffsetDateTime.class);
            return oldest == null
                    ? Optional.empty()
                    : Optional.of(new Span(oldest, row.getObject("newest", OffsetDateTime.class)));
        }
    }

    GpuList(Handle handle, Optional<String> schema) {
        this.handle = handle;
        this.schema = schema;
    }

    Page<StoredGpu> page(GpuFilter filter) {
        List<StoredGpu> rows = gpus(
                BY_PLACE,
                sql -> query(sql, filter).bind("offset", filter.offset()).bind("limit", filter.limit()));
        long total = query(COUNT, filter).mapTo(Long.class).one();
        return new Page<>(rows, Optional.empty(), OptionalLong.of(total));
    }

    /**
     * Returns the GPU of an id.
     *
     * @throws UnknownGpuException if no sample of it was stored
     */
    StoredGpu named(String id) {
        int gpu = new GpuNames(schema).find(handle, id).number();
        return gpus(NUMBER, sql -> query(sql, GpuFilter.all()).bind("gpu", gpu)).stream()
                .findFirst()
                .orElseThrow(() -> new UnknownGpuException(id));
    }

    /** Returns the GPUs without a sample since a time, the longest silent first. */
    List<StoredGpu> quietSince(Instant before, int most) {
        return gpus(
                QUIET,
                sql -> query(sql, GpuFilter.all())
                        .bind("before", before.atOffset(ZoneOffset.UTC))
                        .bind("limit", most));
    }

    /**
     * Reads GPUs.
     *
     * @param which the condition, order and limit of the GPUs
     * @param questions makes a question of a text, with all its parameters
     */
    private static List<StoredGpu> gpus(String which, Function<String, Query> questions) {
        return questions
                .apply(SPAN.replace("<gpus>", FILTERED + which))
                .map((row, context) -> Span.of(row))
                .one()
                .map(span -> questions
                        .apply(ROWS.replace("<gpus>", FILTERED + which))
                        .bind("oldest", span.oldest())
                        .bind("newest", span.newest())
                        .bindArray("metrics", Integer.class, MIG_METRICS)
                        .map((row, context) -> gpu(row))
                        .list())
                .orElse(List.of());
    }

    List<GpuCount> countBy(String column) {
        return handle.createQuery(Identifier.qualifyAll(schema, BY.replace("<column>", column)))
                .map((row, context) -> new GpuCount(row.getString("name"), row.getLong("gpus")))
                .list();
    }

    private Query query(String template, GpuFilter filter) {
        String conditions =
                (filter.host().isPresent() ? " AND left(hostname, 128) = left(:host, 128) AND hostname = :host" : "")
                        + (filter.namespace().isPresent() ? " AND namespace = :namespace" : "")
                        + (filter.model().isPresent() ? " AND model_name = :model" : "")
                        + (filter.seenSince().isPresent() ? " AND last_seen >= :since" : "");
        Query query = handle.createQuery(Identifier.qualifyAll(schema, template.replace("<filter>", conditions)));
        filter.host().ifPresent(host -> query.bind("host", host));
        filter.namespace().ifPresent(namespace -> query.bind("namespace", namespace));
        filter.model().ifPresent(model -> query.bind("model", model));
        filter.seenSince().ifPresent(since -> query.bind("since", since.atOffset(ZoneOffset.UTC)));
        return query;
    }

    private static StoredGpu gpu(ResultSet row) throws SQLException {
        int index = row.getInt("gpu_id");
        OptionalInt known = row.wasNull() ? OptionalInt.empty() : OptionalInt.of(index);
        return new StoredGpu(
                row.getString("uuid"),
                known,
                row.getString("device"),
                row.getString("model_name"),
                row.getString("hostname"),
                row.getString("pci_bus_id"),
                row.getString("namespace"),
                time(row, "first_seen"),
                time(row, "last_seen"),
                row.getInt("mig_instances"));
    }

    private static Instant time(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
