package io.gpufleet.telemetry.jdbc.query;

import io.gpufleet.telemetry.gpu.GpuMetricsRow;
import io.gpufleet.telemetry.gpu.GpuReading;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/**
 * The reader of the wide rows of a GPU, from rows and from the pieces of compacted days: only as many hours of pieces
 * as the page needs are unpacked. Belongs to one transaction.
 */
final class StoredWideRows {
    /** The last hour that a page needs, if pieces follow it. The first one may lie before the range in parts. */
    private static final String LAST_HOUR = """
            SELECT max(hour) FILTER (WHERE samples_between < :rows) AS last, max(hour) AS end
            FROM (
                SELECT hour, coalesce(sum(samples) OVER (ORDER BY hour ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
                    - first_value(samples) OVER (ORDER BY hour), 0) AS samples_between
                FROM {gpu_metrics_piece} WHERE gpu_no = :gpu AND hour >= :since AND hour <= :until
            ) AS p""";

    private static final String ROWS = "SELECT w.time, w.derived, w.quality, w.validation_passed,"
            + " w.collection_latency_ms, w.at, "
            + Arrays.stream(GpuReading.values())
                    .map(reading -> "w." + reading.column())
                    .collect(Collectors.joining(", "))
            + " FROM {gpu_metrics_between}(:gpu, :since, :before) AS w ORDER BY w.time LIMIT :rows";

    private static final Set<String> WHOLE = Set.of("bigint", "integer");
    private static final Duration HOUR = Duration.ofHours(1);

    private final Handle handle;
    private final Optional<String> schema;

    StoredWideRows(Handle handle, Optional<String> schema) {
        this.handle = handle;
        this.schema = schema;
    }

    List<WidePages.Place> read(GpuNames.Found gpu, TimeRange range, int most) {
        return handle.createQuery(Identifier.qualifyAll(schema, ROWS))
                .bind("gpu", gpu.number())
                .bind("since", range.start().atOffset(ZoneOffset.UTC))
                .bind("before", before(gpu, range, most).atOffset(ZoneOffset.UTC))
                .bind("rows", most)
                .map((row, context) -> row(gpu.uuid(), row))
                .map(row -> new WidePages.Place(row, row.time()))
                .list();
    }

    private Instant before(GpuNames.Found gpu, TimeRange range, int most) {
        return handle.createQuery(Identifier.qualifyAll(schema, LAST_HOUR))
                .bind("gpu", gpu.number())
                .bind("since", range.start().truncatedTo(ChronoUnit.HOURS).atOffset(ZoneOffset.UTC))
                .bind("until", range.end().atOffset(ZoneOffset.UTC))
                .bind("rows", most)
                .map((row, context) -> before(row))
                .one()
                .orElse(range.end().plus(1, ChronoUnit.MICROS));
    }

    private static Optional<Instant> before(ResultSet row) throws SQLException {
        OffsetDateTime last = row.getObject("last", OffsetDateTime.class);
        return last == null || last.equals(row.getObject("end", OffsetDateTime.class))
                ? Optional.empty()
                : Optional.of(last.toInstant().plus(HOUR));
    }

    private static GpuMetricsRow row(String uuid, ResultSet row) throws SQLException {
        GpuMetricsRow.Builder wide = GpuMetricsRow.builder(
                uuid, row.getObject("time", OffsetDateTime.class).toInstant());
        Array array = row.getArray("at");
        Integer[] offsets = array == null ? new Integer[0] : (Integer[]) array.getArray();
        for (GpuReading reading : GpuReading.values()) {
            addReading(wide, reading, row, offsets);
        }
        boolean passed = row.getBoolean("validation_passed");
        if (!row.wasNull()) {
            wide.validationPassed(passed);
        }
        double latency = row.getDouble("collection_latency_ms");
        if (!row.wasNull()) {
            wide.collectionLatencyMs(latency);
        }
        return wide.derived(row.getLong("derived"))
                .quality(row.getInt("quality"))
                .build();
    }

    private static void addReading(GpuMetricsRow.Builder wide, GpuReading reading, ResultSet row, Integer[] offsets)
            throws SQLException {
        boolean isWhole = WHOLE.contains(reading.columnType());
        long count = isWhole ? row.getLong(reading.column()) : 0;
        double value = isWhole ? 0 : row.getDouble(reading.column());
        if (row.wasNull()) {
            return;
        }
        if (isWhole) {
            wide.count(reading, count);
        } else {
            wide.value(reading, value);
        }
        if (reading.number() < offsets.length && offsets[reading.number()] != null) {
            wide.offset(reading, offsets[reading.number()]);
        }
    }
}
