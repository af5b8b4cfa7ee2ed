package io.gpufleet.telemetry.gpu;

import static java.util.stream.Collectors.toUnmodifiableMap;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A column of wide rows: that of a reading, or of the share of time with work on a MIG instance, which has no reading
 * of the whole GPU. Immutable.
 *
 * @param number its place in a row, from 0: that of its reading
 * @param metric the name of the metric that it comes from, empty for what a collector computes
 * @param type its type
 * @param factor the factor from a value of the metric to one of the column
 * @param total what the readings of MIG instances are for the GPU
 */
record WideColumn(int number, String metric, StoredType type, double factor, InstanceTotal total) {
    private static final double PERCENT = 100;

    /** The share of time with work on a MIG instance, in percent. */
    static final WideColumn GR_ENGINE_ACTIVE = new WideColumn(
            GpuReading.values().length,
            "DCGM_FI_PROF_GR_ENGINE_ACTIVE",
            StoredType.DOUBLE,
            PERCENT,
            InstanceTotal.NONE);

    private static final List<WideColumn> ALL = all();
    private static final Map<String, WideColumn> BY_METRIC = ALL.stream()
            .filter(column -> !column.metric.isEmpty())
            .collect(toUnmodifiableMap(WideColumn::metric, Function.identity()));

    /** The places of the columns in the order of their metrics' names, by number. */
    private static final int[] PLACES = places();

    private static int[] places() {
        List<WideColumn> byName =
                ALL.stream().sorted(Comparator.comparing(WideColumn::metric)).toList();
        return ALL.stream().mapToInt(byName::indexOf).toArray();
    }

    private static List<WideColumn> all() {
        List<WideColumn> all = new ArrayList<>();
        for (GpuReading reading : GpuReading.values()) {
            all.add(of(reading));
        }
        all.add(GR_ENGINE_ACTIVE);
        return List.copyOf(all);
    }

    private static WideColumn of(GpuReading reading) {
        InstanceTotal total = reading.metric().map(GpuMetric::instanceTotal).orElse(InstanceTotal.LARGEST);
        String metric = reading.metric().map(GpuMetric::name).orElse("");
        return new WideColumn(
                reading.number(), metric, reading.stored(), reading.fromMetric() * reading.toColumn(), total);
    }

    static int count() {
        return ALL.size();
    }

    static WideColumn at(int number) {
        return ALL.get(number);
    }

    /** Returns the column of a metric, null if it has none. */
    static @Nullable WideColumn of(GpuMetric metric) {
        return BY_METRIC.get(metric.name());
    }

    boolean isOfInstancesOnly() {
        return number == GR_ENGINE_ACTIVE.number;
    }

    /** Returns the place of this column among those of one time: they are in the order of their metrics' names. */
    int place() {
        return PLACES[number];
    }

    long bit() {
        return 1L << number;
    }

    /** Returns the stored bits of a value of the metric. */
    OptionalLong encode(double value) {
        return type.encode(value * factor);
    }
}
