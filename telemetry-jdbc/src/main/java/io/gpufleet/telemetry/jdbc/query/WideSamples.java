package io.gpufleet.telemetry.jdbc.query;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.GpuMetricsRow;
import io.gpufleet.telemetry.gpu.GpuReading;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.gpu.QualityFlag;
import io.gpufleet.telemetry.gpu.Scope;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Stored samples as parts of wide rows. */
final class WideSamples {
    /** The metrics that wide rows have a column for. */
    static final List<String> METRICS = Arrays.stream(GpuReading.values())
            .flatMap(reading -> reading.metric().stream())
            .map(GpuMetric::name)
            .toList();

    private static final List<GpuReading> MEMORY = List.of(GpuReading.FB_USED, GpuReading.FB_FREE, GpuReading.FB_TOTAL);
    private static final Duration TOGETHER = Duration.ofDays(36_500);
    private static final String MIG_INSTANCE = "gi:";

    private WideSamples() {}

    /** Returns the row of a GPU from samples that belong together; none if it has no reading of the whole GPU. */
    static Optional<GpuMetricsRow> row(List<GpuSample> samples) {
        List<GpuMetricsRow> parts = GpuMetricsRow.join(samples, place -> true, TOGETHER);
        Optional<GpuMetricsRow> own =
                parts.stream().filter(part -> part.instance().isEmpty()).findFirst();
        return own.map(row -> row.merge(memory(row, parts)));
    }

    /** Returns a row with the memory of all MIG instances, for a GPU whose own row has none. */
    private static GpuMetricsRow memory(GpuMetricsRow own, List<GpuMetricsRow> parts) {
        GpuMetricsRow.Builder sums = GpuMetricsRow.builder(own.uuid(), own.time());
        for (GpuReading reading : MEMORY) {
            OptionalLong sum = parts.stream()
                    .flatMapToLong(part -> part.count(reading).stream())
                    .reduce(Long::sum);
            sum.ifPresent(bytes -> sums.count(reading, bytes));
        }
        return sums.build();
    }

    /** Returns the sample of a row; none if it is of a link or another series. */
    static Optional<GpuSample> sample(SampleRow row, Map<Integer, String> gpus, Map<Integer, String> metrics) {
        Scope scope = Scope.of(row.scope());
        if (scope == Scope.LINK || scope == Scope.SERIES) {
            return Optional.empty();
        }
        GpuSubject.Builder subject = GpuSubject.builder(requireNonNull(gpus.get(row.gpu())));
        if (row.instance().startsWith(MIG_INSTANCE)) {
            subject.migInstance(row.instance().substring(MIG_INSTANCE.length()));
        }
        return Optional.of(new GpuSample(
                row.position().time(),
                GpuMetric.named(requireNonNull(metrics.get(row.position().metric()))),
                row.value(),
                subject.build(),
                scope,
                QualityFlag.of(row.quality())));
    }
}
