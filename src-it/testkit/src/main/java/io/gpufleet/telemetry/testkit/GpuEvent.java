package io.gpufleet.telemetry.testkit;

import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.GpuReading;
import io.gpufleet.telemetry.gpu.MetricEvent;
import java.time.Instant;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The event of a GPU, made of the rows of its scrape: of MIG instances, memory is added up, and of what they repeat the
 * largest reading counts. Rows with a fault have no part in it. Used by one thread.
 */
final class GpuEvent {
    /** Values have six places, which are the same text on every JVM. */
    private static final double MILLIONTHS = 1e6;

    private static final Set<GpuMetric> ADDED =
            Set.of(GpuMetric.FB_TOTAL, GpuMetric.FB_FREE, GpuMetric.FB_USED, GpuMetric.FB_RESERVED);
    private static final Map<GpuMetric, GpuReading> READINGS = new HashMap<>();

    static {
        for (GpuReading reading : GpuReading.values()) {
            reading.metric().ifPresent(metric -> READINGS.put(metric, reading));
        }
    }

    private final Map<GpuReading, Double> readings = new EnumMap<>(GpuReading.class);
    private final Set<GpuReading> codes = EnumSet.noneOf(GpuReading.class);
    private final Set<Integer> instances = new HashSet<>();
    private final SampleSubject subject;
    private final Instant time;

    /**
     * Creates the event.
     *
     * @param rows the rows of one GPU
     */
    GpuEvent(List<SampleRow> rows) {
        this.subject = rows.get(0).subject();
        this.time = rows.get(0).time();
        rows.forEach(this::add);
        codes.removeAll(readings.keySet());
    }

    private void add(SampleRow row) {
        GpuReading reading = READINGS.get(row.metric().stored());
        GpuPart part = row.subject().part();
        if (!part.isWhole()) {
            instances.add(part.id());
        }
        if (reading == null || (!part.isWhole() && isOfInstances(row.metric()))) {
            return;
        }
        if (row.fault() == null) {
            boolean isAdded = ADDED.contains(row.metric().stored()) && !part.isWhole();
            readings.merge(reading, row.number(), isAdded ? Double::sum : Math::max);
        } else if (row.hasFault(SampleFault.NO_VALUE)) {
            codes.add(reading);
        }
    }

    /** Returns whether each instance has a reading of its own, which says nothing about the GPU. */
    private static boolean isOfInstances(SimulatedMetric metric) {
        GpuMetric stored = metric.stored();
        return stored.isPerInstance() && !ADDED.contains(stored) && !stored.equals(GpuMetric.XID_ERRORS);
    }

    /** Returns the readings that have a code for "no value" in the JSON. */
    Set<GpuReading> codes() {
        return codes;
    }

    MetricEvent event() {
        SimulatedGpu gpu = subject.gpu();
        MetricEvent.Builder event = MetricEvent.builder(
                        new MetricEvent.Gpu(
                                gpu.uuid(), "", OptionalInt.of(gpu.index()), gpu.pciBusId(), gpu.model().label, "", ""),
                        MetricEvent.Host.of(subject.host()))
                .time(time)
                .driverVersion(SampleSubject.DRIVER_VERSION);
        readings.forEach((reading, value) -> put(event, reading, value));
        if (!instances.isEmpty()) {
            event.count(GpuReading.MIG_INSTANCES, instances.size());
        }
        return event.build();
    }

    private static void put(MetricEvent.Builder event, GpuReading reading, double value) {
        if (reading.isWhole()) {
            event.count(reading, (long) value);
        } else {
            event.value(reading, Math.rint(value * reading.fromMetric() * MILLIONTHS) / MILLIONTHS);
        }
    }
}
