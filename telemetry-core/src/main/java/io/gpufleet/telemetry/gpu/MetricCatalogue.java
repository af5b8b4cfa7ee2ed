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
 * The known metrics by all of their names. The fields are lines of a resource: id, name before DCGM 4.6, name since,
 * name of the first exporters, unit, kind, type, level, range.
 */
final class MetricCatalogue {
    private static final String FIELDS = "dcgm-fields.tsv";
    private static final String PREFIX = "DCGM_FI_";
    private static final String DEVICE_PREFIX = "DCGM_FI_DEV_";
    private static final String OPEN_METRICS_ENDING = "_total";

    private static final List<GpuMetric> METRICS;
    private static final Map<String, GpuMetric> BY_NAME;

    static {
        List<GpuMetric> metrics = new ArrayList<>();
        Map<String, GpuMetric> byName = new HashMap<>();
        for (String line : lines(FIELDS)) {
            add(line.split("\t", -1), metrics, byName);
        }
        METRICS = List.copyOf(metrics);
        BY_NAME = Map.copyOf(byName);
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

    static GpuMetric unknown(String name, MetricKind declared) {
        return new GpuMetric(name, 0, NamePattern.traitsOf(name, declared));
    }

    private static void add(String[] cells, List<GpuMetric> metrics, Map<String, GpuMetric> byName) {
        GpuMetric metric = new GpuMetric(cells[1], Integer.parseInt(cells[0]), traits(cells));
        metrics.add(metric);
        byName.put(cells[1], metric);
        byName.put(cells[2].isEmpty() ? cells[1] : cells[2], metric);
        byName.put(cells[3].isEmpty() ? firstName(cells[1]) : cells[3], metric);
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

    private static List<String> lines(String resource) {
        try (InputStream stream = requireNonNull(MetricCatalogue.class.getResourceAsStream(resource), resource)) {
            String text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            return text.lines().filter(line -> !line.startsWith("#")).toList();
        } catch (IOException e) {
            throw new TelemetryException("Cannot read the resource " + resource, e);
        }
    }
}
