package io.gpufleet.telemetry.examples.rest.gpus;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.jdbc.query.Aggregate;
import io.gpufleet.telemetry.jdbc.query.AggregateQuery;
import io.gpufleet.telemetry.jdbc.query.Aggregation;
import io.gpufleet.telemetry.jdbc.query.GpuQueries;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The metrics of the state of a GPU, over some hours. Immutable. */
final class MainMetrics {
    private static final List<String> NAMES = List.of(
            "DCGM_FI_DEV_GPU_TEMP",
            "DCGM_FI_DEV_MEMORY_TEMP",
            "DCGM_FI_DEV_POWER_USAGE",
            "DCGM_FI_DEV_GPU_UTIL",
            "DCGM_FI_DEV_MEM_COPY_UTIL",
            "DCGM_FI_DEV_FB_USED",
            "DCGM_FI_DEV_SM_CLOCK");
    private static final List<Aggregation> FUNCTIONS =
            List.of(Aggregation.MIN, Aggregation.MAX, Aggregation.AVG, Aggregation.LAST);

    private final GpuQueries queries;

    MainMetrics(GpuQueries queries) {
        this.queries = queries;
    }

    GpuStatistics of(String id, int hours) {
        // One end for all questions, or their numbers of samples would differ.
        Instant end = Instant.now().truncatedTo(ChronoUnit.MICROS);
        Instant start = end.minus(Duration.ofHours(hours));
        String uuid = queries.gpu(id).uuid();
        List<GpuStatistics.Metric> metrics =
                NAMES.stream().flatMap(name -> metrics(uuid, name, start, end)).toList();
        return new GpuStatistics(uuid, hours, start, end, metrics);
    }

    /** Returns a row for each part of the GPU that has the metric. */
    private Stream<GpuStatistics.Metric> metrics(String uuid, String name, Instant start, Instant end) {
        Map<String, Map<Aggregation, Aggregate>> byPart = new LinkedHashMap<>();
        for (Aggregation function : FUNCTIONS) {
            AggregateQuery query = AggregateQuery.builder(uuid, name, function)
                    .from(start)
                    .to(end)
                    .build();
            for (Aggregate row : queries.aggregate(query)) {
                byPart.computeIfAbsent(row.instance(), part -> new EnumMap<>(Aggregation.class))
                        .put(function, row);
            }
        }
        return byPart.values().stream()
                .filter(functions -> functions.size() == FUNCTIONS.size())
                .map(MainMetrics::metric);
    }

    private static GpuStatistics.Metric metric(Map<Aggregation, Aggregate> functions) {
        Aggregate any = functions.values().iterator().next();
        return new GpuStatistics.Metric(
                any.metric(),
                any.samples(),
                value(functions, Aggregation.MIN),
                value(functions, Aggregation.MAX),
                value(functions, Aggregation.AVG),
                value(functions, Aggregation.LAST),
                any.instance());
    }

    private static double value(Map<Aggregation, Aggregate> functions, Aggregation function) {
        return requireNonNull(functions.get(function)).value().orElseThrow();
    }
}
