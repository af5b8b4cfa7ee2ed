package io.gpufleet.telemetry.jdbc.query;

import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The search for the GPU that was at a place last, and is elsewhere now. Belongs to one transaction. */
final class FormerPlaces {
    private static final String LABELS = "SELECT labels_id, last_day FROM {gpu_labels}"
            + " WHERE device = :device AND hostname = :host ORDER BY last_day DESC FETCH FIRST ROW WITH TIES";

    /** The GPUs that have moved since, or have another device on that host. */
    private static final String NEWEST = """
            SELECT g.gpu_no, g.uuid, l.ts FROM {gpu} AS g CROSS JOIN LATERAL (
                SELECT max(o.ts) AS ts FROM {gpu_metric} AS m CROSS JOIN LATERAL (
                    SELECT s.ts FROM {gpu_samples_between}(g.gpu_no, m.metric_no, :from, :to) AS s
                    WHERE s.labels_id = ANY (:labels) ORDER BY s.ts DESC LIMIT 1) AS o) AS l
            WHERE (g.moved_at >= :from OR g.hostname = :host) AND l.ts IS NOT NULL
            ORDER BY l.ts DESC, g.uuid""";

    private final Handle handle;
    private final Optional<String> schema;

    FormerPlaces(Handle handle, Optional<String> schema) {
        this.handle = handle;
        this.schema = schema;
    }

    /** A set of labels with the last day of its samples. */
    private record LabelSet(long number, LocalDate lastDay) {}

    /** A GPU with the time of its newest sample at the place. */
    private record Seen(GpuNames.Found gpu, Instant time) {
        static Seen of(ResultSet row) throws SQLException {
            return new Seen(
                    new GpuNames.Found(row.getInt("gpu_no"), row.getString("uuid")),
                    row.getObject("ts", OffsetDateTime.class).toInstant());
        }
    }

    /** Returns the GPUs that were seen last at a place, all at one time; none if there never was one. */
    List<GpuNames.Found> find(String device, String host) {
        List<LabelSet> labels = handle.createQuery(Identifier.qualifyAll(schema, LABELS))
                .bind("device", device)
                .bind("host", host)
                .map((row, context) -> new LabelSet(row.getLong(1), row.getObject(2, LocalDate.class)))
                .list();
        if (labels.isEmpty()) {
            return List.of();
        }
        List<Seen> seen = seen(labels, host);
        return seen.stream()
                .filter(one -> one.time().equals(seen.get(0).time()))
                .map(Seen::gpu)
                .toList();
    }

    private List<Seen> seen(List<LabelSet> labels, String host) {
        OffsetDateTime day = labels.get(0).lastDay().atStartOfDay().atOffset(ZoneOffset.UTC);
        return handle.createQuery(Identifier.qualifyAll(schema, NEWEST))
                .bind("from", day)
                .bind("to", day.plusDays(1))
                .bind("host", host)
                .bindArray(
                        "labels",
                        Long.class,
                        labels.stream().map(LabelSet::number).toList())
                .map((row, context) -> Seen.of(row))
                .list();
    }
}
