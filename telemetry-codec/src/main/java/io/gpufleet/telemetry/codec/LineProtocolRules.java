package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.gpu.GpuMetric;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What measurements, fields, tags and times of line protocol mean. Immutable.
 *
 * @param metrics the metrics that the host has named, by measurement and field
 * @param labels the labels that the host has named, by tag
 * @param precision the unit of times
 */
record LineProtocolRules(Map<String, GpuMetric> metrics, Map<String, String> labels, ChronoUnit precision) {
    static final LineProtocolRules DEFAULT = new LineProtocolRules(Map.of(), Map.of(), ChronoUnit.NANOS);
    static final Set<ChronoUnit> PRECISIONS =
            Set.of(ChronoUnit.NANOS, ChronoUnit.MICROS, ChronoUnit.MILLIS, ChronoUnit.SECONDS);

    private static final String TELEGRAF = "nvidia_smi";
    private static final Map<String, String> TELEGRAF_LABELS = Map.of("index", "gpu", "name", "modelName");
    private static final Map<String, String> USUAL_LABELS = Map.of("host", "hostname");
    /** The fields that hold the value of a measurement that is a metric. */
    private static final Set<String> VALUES = Set.of("value", "v", "gauge", "counter");

    /** Copies the maps. */
    LineProtocolRules {
        metrics = Map.copyOf(metrics);
        labels = Map.copyOf(labels);
    }

    static String key(String measurement, String field) {
        return measurement.length() + ":" + measurement + field;
    }

    /** Returns the metric of a field, if it is wanted. */
    Optional<GpuMetric> metric(String measurement, String field, RowReader reader) {
        GpuMetric named = metrics.get(key(measurement, field));
        if (named != null) {
            return Optional.of(named);
        }
        if (measurement.equals(TELEGRAF)) {
            return NvidiaSmiColumn.ofTelegraf(field);
        }
        Optional<GpuMetric> ofField = reader.metric(field);
        return ofField.isPresent() || !VALUES.contains(field) ? ofField : reader.metric(measurement);
    }

    /** Returns the labels that tags are; one whose label is there already keeps its name. */
    Map<String, String> labels(String measurement, Map<String, String> tags) {
        Map<String, String> usual = measurement.equals(TELEGRAF) ? TELEGRAF_LABELS : Map.of();
        Map<String, String> renamed = new LinkedHashMap<>();
        tags.forEach((tag, value) -> {
            String label = labels.getOrDefault(tag, usual.getOrDefault(tag, USUAL_LABELS.getOrDefault(tag, tag)));
            renamed.put(tags.containsKey(label) ? tag : label, value);
        });
        return renamed;
    }

    /**
     * Reads a time; what is finer than a microsecond is cut.
     *
     * @throws CodecException if it is none
     */
    Instant time(String text) {
        try {
            long number = Long.parseLong(text);
            long micros = precision == ChronoUnit.NANOS
                    ? Math.floorDiv(number, 1_000)
                    : Math.multiplyExact(number, precision.getDuration().toNanos() / 1_000);
            return TimeReader.ofMicros(micros);
        } catch (NumberFormatException | ArithmeticException none) {
            throw new CodecException(
                    "timestamp " + Quotation.of(text) + " is not a whole number of " + precision + " since 1970", 0);
        }
    }
}
