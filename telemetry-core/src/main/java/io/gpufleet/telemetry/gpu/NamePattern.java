package io.gpufleet.telemetry.gpu;

import java.util.List;
import java.util.regex.Pattern;

/** The names of fields that exist once for each link, engine or cache, and the properties that they imply. */
record NamePattern(Pattern names, MetricTraits traits) {
    private static final double LARGEST_RATIO = 1.1;

    private static final List<NamePattern> ALL = List.of(
            // Counts over a window of the exporter, whatever their type says.
            of("DCGM_EXP_.*", gauge("", MetricLevel.INSTANCE, ValueType.INTEGER, Double.POSITIVE_INFINITY)),
            of(
                    "DCGM_FI_PROF_.*_BYTES(_PER_LINK)?",
                    gauge("B/s", MetricLevel.DEVICE, ValueType.INTEGER, Double.POSITIVE_INFINITY)),
            of("DCGM_FI_PROF_.*_(ACTIVE|RATIO)", gauge("ratio", MetricLevel.INSTANCE, ValueType.DOUBLE, LARGEST_RATIO)),
            of(
                    "DCGM_FI_DEV_NVLINK_(BANDWIDTH|THROUGHPUT)_.*",
                    gauge("MB/s", MetricLevel.DEVICE, ValueType.INTEGER, Double.POSITIVE_INFINITY)),
            of("DCGM_FI_PROF_.*_TOTAL", counter("")),
            of(
                    "DCGM_FI_DEV_(.*_ERROR_COUNT.*|NVLINK_.*_ERROR_.*TOTAL|ECC_[SD]BE_.*|.*RETIRED_[SD]BE.*|.*REMAPPED.*)",
                    counter("count")));

    private static NamePattern of(String names, MetricTraits traits) {
        return new NamePattern(Pattern.compile(names), traits);
    }

    private static MetricTraits gauge(String unit, MetricLevel level, ValueType type, double maximum) {
        return new MetricTraits(unit, MetricKind.GAUGE, level, type, 0, maximum, false);
    }

    private static MetricTraits counter(String unit) {
        return new MetricTraits(
                unit, MetricKind.COUNTER, MetricLevel.DEVICE, ValueType.INTEGER, 0, Double.POSITIVE_INFINITY, false);
    }

    static MetricTraits traitsOf(String name, MetricKind declared) {
        for (NamePattern pattern : ALL) {
            if (pattern.names.matcher(name).matches()) {
                return pattern.traits;
            }
        }
        return MetricTraits.any(declared);
    }
}
