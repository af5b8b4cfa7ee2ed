package io.gpufleet.telemetry.jdbc.query;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;

import io.gpufleet.telemetry.gpu.GpuMetricsRow;
import io.gpufleet.telemetry.gpu.GpuReading;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import org.jdbi.v3.core.Handle;

/**
 * The state of all GPUs now: the newest wide row of each GPU, and of a GPU without one, the newest samples, joined to
 * such a row. Belongs to one transaction.
 */
final class Fleet {
    /** A sum of codes says nothing. */
    private static final Set<GpuReading> SUMMED = EnumSet.complementOf(
            EnumSet.of(GpuReading.THROTTLE_REASONS, GpuReading.XID_LAST, GpuReading.RECOVERY_ACTION));

    private static final String COUNTS = "SELECT count(*) AS gpus, count(DISTINCT nullif(hostname, '')) AS hosts,"
            + " count(*) FILTER (WHERE last_seen >= :since) AS reporting FROM {gpu} WHERE last_seen IS NOT NULL";

    private static final String SUMS = "SELECT array_agg(m.gpu_no) AS gpus, "
            + SUMMED.stream()
                    .map(reading -> "count(m.<c>) AS <c>_gpus, sum(m.<c>::double precision) AS <c>_sum"
                            .replace("<c>", reading.column()))
                    .collect(joining(", "))
            + " FROM unnest(:gpus) AS g(gpu_no) CROSS JOIN LATERAL (SELECT w.* FROM {gpu_metrics} AS w"
            + " WHERE w.gpu_no = g.gpu_no AND w.time >= :since ORDER BY w.time DESC LIMIT 1) AS m";

    private final Handle handle;
    private final Optional<String> schema;

    Fleet(Handle handle, Optional<String> schema) {
        this.handle = handle;
        this.schema = schema;
    }

    FleetSummary at(Instant now, Duration interval) {
        Instant since = TimeRange.since(TimeRange.since(now, interval), interval);
        Map<Integer, String> reporting = new GpuNames(schema).seenBetween(handle, since, TimeRange.LAST);
        Map<GpuReading, FleetReading> readings = new EnumMap<>(GpuReading.class);
        Map<Integer, String> withoutRow = new HashMap<>(reporting);
        withoutRow.keySet().removeAll(addRows(readings, reporting.keySet(), since));
        addSamples(readings, withoutRow, since);
        List<StoredGpu> quiet = new GpuList(handle, schema).quietSince(since, FleetSummary.MOST_QUIET);
        return handle.createQuery(Identifier.qualifyAll(schema, COUNTS))
                .bind("since", since.atOffset(ZoneOffset.UTC))
                .map((row, context) -> new FleetSummary(
                        now, row.getLong("gpus"), row.getLong("hosts"), row.getLong("reporting"), quiet, readings))
                .one();
    }

    /** Adds the newest wide rows, and returns the GPUs that have one. */
    private Set<Integer> addRows(Map<GpuReading, FleetReading> readings, Collection<Integer> gpus, Instant since) {
        return handle.createQuery(Identifier.qualifyAll(schema, SUMS))
                .bindArray("gpus", Integer.class, gpus)
                .bind("since", since.atOffset(ZoneOffset.UTC))
                .map((row, context) -> {
                    addSums(readings, row);
                    return row.getArray("gpus") == null
                            ? Set.<Integer>of()
                            : new HashSet<>(Arrays.asList(
                                    (Integer[]) row.getArray("gpus").getArray()));
                })
                .one();
    }

    private static void addSums(Map<GpuReading, FleetReading> readings, ResultSet row) throws SQLException {
        for (GpuReading reading : SUMMED) {
            long gpus = row.getLong(reading.column() + "_gpus");
            if (gpus > 0) {
                readings.put(reading, new FleetReading(gpus, row.getDouble(reading.column() + "_sum")));
            }
        }
    }

    private void addSamples(Map<GpuReading, FleetReading> readings, Map<Integer, String> gpus, Instant since) {
        if (gpus.isEmpty()) {
            return;
        }
        SortedMap<Integer, String> metrics = new MetricNames(schema).find(handle, WideSamples.METRICS);
        new LatestSamples(handle, schema)
                .of(gpus.keySet(), metrics.keySet(), since).stream()
                        .flatMap(row -> WideSamples.sample(row, gpus, metrics).stream())
                        .collect(groupingBy(sample -> sample.subject().uuid()))
                        .values()
                        .forEach(samples -> WideSamples.row(samples).ifPresent(row -> addRow(readings, row)));
    }

    private static void addRow(Map<GpuReading, FleetReading> readings, GpuMetricsRow row) {
        for (GpuReading reading : SUMMED) {
            row.value(reading)
                    .ifPresent(value -> readings.merge(reading, new FleetReading(1, value), FleetReading::plus));
        }
    }
}
