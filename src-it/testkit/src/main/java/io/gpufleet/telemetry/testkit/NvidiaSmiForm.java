package io.gpufleet.telemetry.testkit;

import io.gpufleet.telemetry.gpu.GpuSubject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * CSV of nvidia-smi: a row for each GPU, which is always whole, and has no pods. Every damage is a text in a cell, or a
 * number that no GPU can have.
 */
enum NvidiaSmiForm implements SampleForm {
    /** The only one. */
    INSTANCE;

    @Override
    public SampleWriter writer() {
        return new NvidiaSmiText();
    }

    /** Returns a row for each GPU and each column, GPU by GPU. */
    @Override
    public List<SampleRow> arrange(List<SampleRow> rows) {
        Set<SimulatedMetric> metrics = EnumSet.noneOf(SimulatedMetric.class);
        Map<Integer, Map<SimulatedMetric, SampleRow>> gpus = new TreeMap<>();
        for (SampleRow row : rows) {
            if (NvidiaSmiColumn.has(row.metric())) {
                metrics.add(row.metric());
                gpus.computeIfAbsent(row.subject().gpu().index(), gpu -> new EnumMap<>(SimulatedMetric.class))
                        .putIfAbsent(row.metric(), row);
            }
        }
        List<SampleRow> arranged = new ArrayList<>();
        for (Map<SimulatedMetric, SampleRow> gpu : gpus.values()) {
            SampleRow any = gpu.values().iterator().next();
            metrics.forEach(metric -> arranged.add(whole(metric, gpu.get(metric), any)));
        }
        return arranged;
    }

    /** Returns the row of the whole GPU; a reading that its instances do not have is missing. */
    private static SampleRow whole(SimulatedMetric metric, @Nullable SampleRow row, SampleRow any) {
        SampleSubject part = any.subject();
        SampleSubject whole = new SampleSubject(
                part.number(),
                part.gpu(),
                part.moment(),
                GpuPart.WHOLE,
                GpuWorkload.NONE,
                "",
                part.host(),
                "",
                GpuFleetGenerator.Names.BEFORE_4_6);
        return new SampleRow(
                metric,
                whole,
                any.time(),
                metric.at(part.moment(), GpuPart.WHOLE),
                Map.of(),
                row == null ? SampleFault.ZERO_OF_INSTANCE : row.fault(),
                row == null ? 0 : row.noise());
    }

    @Override
    public @Nullable SampleFault fault(SampleRow row) {
        boolean isText = row.hasFault(SampleFault.CUT)
                || row.hasFault(SampleFault.OPEN_QUOTES)
                || row.hasFault(SampleFault.ERROR_TEXT);
        return isText ? SampleFault.TEXT : row.fault();
    }

    @Override
    public String unit() {
        return "line";
    }

    @Override
    public String reason(SampleRow row, SampleFault fault) {
        String reason = FaultText.reason(row, fault, "");
        return fault == SampleFault.OUT_OF_RANGE
                ? reason
                : NvidiaSmiColumn.of(row.metric()).header() + ": " + reason;
    }

    @Override
    public double number(SampleRow row) {
        return NvidiaSmiColumn.of(row.metric()).number(row);
    }

    @Override
    public Instant time(SampleRow row, Instant scrape) {
        return row.time();
    }

    @Override
    public GpuSubject subject(SampleRow row) {
        SimulatedGpu gpu = row.subject().gpu();
        return GpuSubject.builder(gpu.uuid())
                .index(gpu.index())
                .model(gpu.model().label)
                .pciBusId(gpu.pciBusId())
                .label("driver_version", SampleSubject.DRIVER_VERSION)
                .build();
    }
}
