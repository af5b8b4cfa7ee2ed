package io.gpufleet.telemetry.gpu;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.TelemetryException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The fields of DCGM by all of their names. Two resources have a field a line: {@code dcgm-fields.tsv} those with unit,
 * kind, type, level and range, {@code dcgm-names.tsv} the others, whose kind is declared by their exporter unless their
 * name tells it.
 */
final class MetricCatalogue {
    private static final String PREFIX = "DCGM_FI_";
    private static final String DEVICE_PREFIX = "DCGM_FI_DEV_";
    private static final String OPEN_METRICS_ENDING = "_total";

    private static final List<GpuMetric> METRICS;

    /** The metrics of all names; of a field whose kind is not known, the gauge. */
    private static final Map<String, GpuMetric> BY_NAME;

    /** The counters of the fields whose kind is not known, by their canonical names. */
    private static final Map<String, GpuMetric> COUNTERS;

    static {
        List<GpuMetric> metrics = new ArrayList<>();
        Map<String, GpuMetric> byName = new HashMap<>();
        Map<String, GpuMetric> counters = new HashMap<>();
        for (String[] cells : rows("dcgm-fields.tsv")) {
            GpuMetric metric = new GpuMetric(cells[1], Integer.parseInt(cells[0]), traits(cells));
            metrics.add(metric);
            name(metric, cells[2], cells[3], byName);
        }
        for (String[] cells : rows("dcgm-names.tsv")) {
            name(named(cells, MetricKind.GAUGE), cells[2], "", byName);
            counters.put(cells[1], named(cells, MetricKind.COUNTER));
        }
        METRICS = List.copyOf(metrics);
        BY_NAME = Map.copyOf(byName);
        COUNTERS = Map.copyOf(counters);
    }

    private MetricCatalogue() {}

    static List<GpuMetric> metrics() {
        return METRICS;
    }

    static @Nullable GpuMetric find(String anyName) {
        GpuMetric metric = BY_NAME.get(anyName);
        return metric == null && anyName.endsWith(OPEN_METRICS_ENDING)
                ? BY_NAME.get(anyName.substring(0, anyName.length() - OPEN_METRICS_ENDING.length()))
                : metric;
    }

    static GpuMetric findOrMake(String anyName, MetricKind declared) {
        GpuMetric known = find(anyName);
        if (known == null) {
            return new GpuMetric(anyName, 0, NamePattern.traitsOf(anyName, declared));
        }
        GpuMetric counter = declared == MetricKind.COUNTER ? COUNTERS.get(known.name()) : null;
        return counter == null ? known : counter;
    }

    private static GpuMetric named(String[] cells, MetricKind declared) {
        return new GpuMetric(cells[1], Integer.parseInt(cells[0]), NamePattern.traitsOf(cells[1], declared));
    }

    private static void name(GpuMetric metric, String since46, String first, Map<String, GpuMetric> byName) {
        byName.put(metric.name(), metric);
        byName.put(since46.isEmpty() ? metric.name() : since46, metric);
        byName.put(first.isEmpty() ? firstName(metric.name()) : first, metric);
    }

    private static String firstName(String name) {
        String rest = name.startsWith(DEVICE_PREFIX)
                ? name.substring(DEVICE_PREFIX.length())
                : name.substring(PREFIX.length());
        return "dcgm_" + rest.toLowerCase(Locale.ROOT);
    }

    private static MetricTraits traits(String[] cells) {
        String[] bounds = cells[8].split("\\.\\.", -1);
        return new MetricTraits(
                cells[4],
                cells[5].equals("counter") ? MetricKind.COUNTER : MetricKind.GAUGE,
                MetricLevel.valueOf(cells[7].toUpperCase(Locale.ROOT)),
                type(cells[6]),
                bound(bounds[0], Double.NEGATIVE_INFINITY),
                bound(bounds[bounds.length - 1], Double.POSITIVE_INFINITY),
                cells[5].equals("label"));
    }

    private static ValueType type(String cell) {
        return switch (cell) {
            case "i64" -> ValueType.INTEGER;
            case "f64" -> ValueType.DOUBLE;
            default -> ValueType.TEXT;
        };
    }

    private static double bound(String cell, double open) {
        return cell.isEmpty() ? open : Double.parseDouble(cell);
    }

    private static List<String[]> rows(String resource) {
        try (InputStream stream = requireNonNull(MetricCatalogue.class.getResourceAsStream(resource), resource)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split("\t", -1))
                    .toList();
        } catch (IOException e) {
            throw new TelemetryException("Cannot read the resource " + resource, e);
        }
    }
}
