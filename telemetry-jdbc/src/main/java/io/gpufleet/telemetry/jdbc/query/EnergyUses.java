package io.gpufleet.telemetry.jdbc.query;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** The energy that GPUs have used, by name, from the rises of their counters. Belongs to one transaction. */
final class EnergyUses {
    private static final GpuMetric ENERGY = GpuMetric.named("DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION");

    /** The rises of each GPU, by the sets of labels of their later samples. */
    private static final String OF_SAMPLES = """
            SELECT g.gpu_no, g.uuid, o.labels, o.millijoules FROM {gpu} AS g CROSS JOIN LATERAL (
                WITH v AS (
                    SELECT p.ts, coalesce(max(p.value) FILTER (WHERE p.instance = ''), max(p.value)) AS value,
                        array_agg(DISTINCT p.labels_id) AS labels
                    FROM (
                        SELECT s.ts, s.instance, s.labels_id,
                            coalesce(max(s.metric_value) FILTER (WHERE s.scope <> 3) OVER w, max(s.metric_value) OVER w)
                                AS value
                        FROM {gpu_samples_between}(g.gpu_no, :metric, :from, :to) AS s
                        WHERE <device>
                        WINDOW w AS (PARTITION BY s.ts, s.instance)
                    ) AS p
                    GROUP BY p.ts
                ), r AS (
                    SELECT ts, labels, value, lag(value) OVER (ORDER BY ts) AS value_before FROM v
                )
                SELECT labels, <increase> AS millijoules FROM r GROUP BY labels
            ) AS o
            WHERE <seen> ORDER BY g.gpu_no, o.labels""";

    /** The rises of each GPU that has only wide rows, where it is now. */
    private static final String OF_WIDE_ROWS = """
            SELECT g.gpu_no, coalesce(<name>, '') AS name, o.millijoules
            FROM {gpu} AS g CROSS JOIN LATERAL (
                SELECT <increase> AS millijoules FROM (
                    SELECT m.time AS ts, m.energy_mj::double precision AS value,
                        lag(m.energy_mj::double precision) OVER (ORDER BY m.time) AS value_before
                    FROM {gpu_metrics_between}(g.gpu_no, :from, :to) AS m
                    WHERE m.energy_mj IS NOT NULL
                ) AS r
            ) AS o
            WHERE <seen> AND o.millijoules IS NOT NULL
                AND NOT EXISTS (SELECT FROM unnest(:counted) AS c(gpu_no) WHERE c.gpu_no = g.gpu_no)
            ORDER BY g.gpu_no""";

    private final Handle handle;
    private final Optional<String> schema;

    EnergyUses(Handle handle, Optional<String> schema) {
        this.handle = handle;
        this.schema = schema;
    }

    List<EnergyUse> of(EnergyQuery query, Instant now) {
        TimeRange range = query.range().at(now);
        List<Rise> rises = rises(range);
        EnergySums sums = new EnergySums();
        add(sums, rises, query.group());
        if (query.group() == EnergyGroup.GPU || query.group() == EnergyGroup.HOST) {
            addWideRows(sums, query.group(), range, rises);
        }
        return sums.uses().stream().skip(query.offset()).limit(query.limit()).toList();
    }

    /**
     * The sum of the rises of a GPU whose later samples have the same labels.
     *
     * @param gpu the GPU
     * @param labels the numbers of the sets of labels
     * @param millijoules the sum
     */
    private record Rise(GpuNames.Found gpu, List<Long> labels, double millijoules) {
        static Rise of(ResultSet row) throws SQLException {
            return new Rise(
                    new GpuNames.Found(row.getInt("gpu_no"), row.getString("uuid")),
                    List.of((Long[]) row.getArray("labels").getArray()),
                    row.getDouble("millijoules"));
        }
    }

    private List<Rise> rises(TimeRange range) {
        SortedMap<Integer, String> metrics = new MetricNames(schema).find(handle, List.of(ENERGY.name()));
        if (metrics.isEmpty()) {
            return List.of();
        }
        return query(OF_SAMPLES, range)
                .bind("metric", metrics.firstKey())
                .map((row, context) -> Rise.of(row))
                .list();
    }

    private void add(EnergySums sums, List<Rise> rises, EnergyGroup group) {
        if (group == EnergyGroup.GPU) {
            rises.forEach(
                    rise -> sums.add(rise.gpu().number(), Set.of(rise.gpu().uuid()), rise.millijoules()));
            return;
        }
        Map<Long, Labels> labels = Labels.find(
                handle,
                schema,
                rises.stream().flatMap(rise -> rise.labels().stream()).collect(Collectors.toSet()));
        rises.forEach(rise -> sums.add(
                rise.gpu().number(),
                names(group, rise.labels().stream().map(number -> requireNonNull(labels.get(number)))),
                rise.millijoules()));
    }

    private static Set<String> names(EnergyGroup group, Stream<Labels> labels) {
        Set<String> names = labels.map(set -> name(group, set))
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toSet());
        return names.isEmpty() ? Set.of("") : names;
    }

    private static String name(EnergyGroup group, Labels labels) {
        return switch (group) {
            case HOST -> labels.hostname();
            case NAMESPACE -> labels.namespace();
            case POD -> labels.pod().isEmpty() ? "" : labels.namespace() + '/' + labels.pod();
            case GPU -> throw new IllegalStateException("labels do not name a GPU");
        };
    }

    private void addWideRows(EnergySums sums, EnergyGroup group, TimeRange range, List<Rise> counted) {
        query(OF_WIDE_ROWS.replace("<name>", group == EnergyGroup.GPU ? "g.uuid" : "g.hostname"), range)
                .bindArray(
                        "counted",
                        Integer.class,
                        counted.stream().map(rise -> rise.gpu().number()).toList())
                .map((row, context) ->
                        new Rise(new GpuNames.Found(row.getInt(1), row.getString(2)), List.of(), row.getDouble(3)))
                .forEach(rise -> sums.add(rise.gpu().number(), Set.of(rise.gpu().uuid()), rise.millijoules()));
    }

    private Query query(String template, TimeRange range) {
        String sql = template.replace("<seen>", GpuGroup.SEEN)
                .replace("<device>", GpuGroup.OF_DEVICE)
                .replace("<increase>", AggregateParts.INCREASE);
        return handle.createQuery(Identifier.qualifyAll(schema, sql))
                .bind("from", range.start().atOffset(ZoneOffset.UTC))
                .bind("to", range.end().plus(1, ChronoUnit.MICROS).atOffset(ZoneOffset.UTC));
    }
}
