package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.codec.Entry.Place;
import io.gpufleet.telemetry.codec.SampleJudge.Reading;
import io.gpufleet.telemetry.codec.SampleJudge.Texts;
import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.GpuReading;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.gpu.MetricEvent;
import io.gpufleet.telemetry.gpu.MetricEvent.Fault;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The samples of metric events: each reading in the unit of its metric. Used for one message, by one thread. */
final class EventSamples {
    private static final String TIME = "timestamp";

    /**
     * What the readings of an event have in common.
     *
     * @param subject the GPU
     * @param time the time
     */
    private record Sampled(GpuSubject subject, Instant time) {}

    /** The metrics of the readings that come from DCGM. */
    private static final Map<GpuReading, GpuMetric> METRICS = new EnumMap<>(GpuReading.class);

    static {
        for (GpuReading reading : GpuReading.values()) {
            reading.metric().ifPresent(metric -> METRICS.put(reading, metric));
        }
    }

    private final SampleRules rules;
    private final Entries entries;
    private final SampleJudge judge;
    private final SubjectReader subjects;

    EventSamples(SampleRules rules, ScrapeContext context, Entries entries) {
        this.rules = rules;
        this.entries = entries;
        this.judge = new SampleJudge(rules, entries);
        this.subjects = new SubjectReader(rules, context.host());
    }

    /**
     * Adds the readings of an event to the entries, and refuses its faults.
     *
     * @throws CodecException if the event does not say when, or of which GPU it is
     */
    void add(Place place, MetricEvent event) {
        Optional<GpuSubject> subject = subjects.read(labels(event), Map.of());
        Instant time = event.time().orElseThrow(() -> new CodecException(timeFault(event), 0));
        subject.ifPresent(known -> add(place, event, new Sampled(known, time)));
    }

    private void add(Place place, MetricEvent event, Sampled sampled) {
        event.faults().stream()
                .filter(fault -> !Fault.missing(fault.field()).equals(fault))
                .forEach(fault -> entries.refuse(place, sampled.subject(), fault.field(), fault.toString()));
        for (GpuReading reading : GpuReading.values()) {
            event.value(reading).ifPresent(value -> add(place, reading, sampled, value));
        }
    }

    private static String timeFault(MetricEvent event) {
        return event.faults().stream()
                .filter(fault -> fault.field().equals(TIME))
                .findFirst()
                .orElse(Fault.missing(TIME))
                .toString();
    }

    /** Returns the members of an event by the names of labels that mean the same. */
    private static Map<String, String> labels(MetricEvent event) {
        Map<String, String> labels = new LinkedHashMap<>();
        put(labels, "UUID", event.gpu().uuid());
        event.gpu().index().ifPresent(index -> put(labels, "gpu", Integer.toString(index)));
        put(labels, "pci_bus_id", event.gpu().pciBusId());
        put(labels, "modelName", event.gpu().name());
        put(labels, "Hostname", event.host().hostname());
        put(labels, "gpu_id", event.gpu().id());
        put(labels, "architecture", event.gpu().architecture());
        put(labels, "compute_capability", event.gpu().computeCapability());
        put(labels, "driver_version", event.driverVersion());
        put(labels, "cluster", event.host().cluster());
        put(labels, "rack", event.host().rack());
        put(labels, "datacenter", event.host().datacenter());
        return labels;
    }

    private static void put(Map<String, String> labels, String name, String value) {
        if (!value.isEmpty()) {
            labels.put(name, value);
        }
    }

    private void add(Place place, GpuReading reading, Sampled sampled, double value) {
        GpuMetric metric = METRICS.get(reading);
        if (metric == null) {
            rules.leftOut().addOtherMetric();
            return;
        }
        double number = reading.toMetric(value);
        judge.add(place, new Reading(metric, sampled.subject(), number, !reading.isWhole()), new Texts() {
            @Override
            public Instant time() {
                return sampled.time();
            }

            @Override
            public String number() {
                return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
            }
        });
    }
}
