package io.gpufleet.telemetry.jdbc.query;

import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.generic.GenericType;

/** The numbers of the metrics that a question names, under any of their names. Immutable. */
final class MetricNames {
    private static final String STORED = "SELECT metric_no, metric_name FROM {gpu_metric}";

    private final Optional<String> schema;

    MetricNames(Optional<String> schema) {
        this.schema = schema;
    }

    /** Returns the names that metrics are stored under, each once, in order. */
    static SortedSet<String> canonical(List<String> names) {
        SortedSet<String> canonical = new TreeSet<>();
        names.forEach(name -> canonical.add(GpuMetric.named(name).name()));
        return canonical;
    }

    /**
     * Returns the stored metrics of names, by number; all of them if there are no names.
     *
     * @throws InvalidQueryException if a name is neither stored nor in the catalogue
     */
    SortedMap<Integer, String> find(Handle handle, List<String> names) {
        SortedMap<Integer, String> stored = new TreeMap<>(handle.createQuery(Identifier.qualifyAll(schema, STORED))
                .setMapKeyColumn("metric_no")
                .setMapValueColumn("metric_name")
                .collectInto(new GenericType<Map<Integer, String>>() {}));
        if (names.isEmpty()) {
            return stored;
        }
        for (String name : names) {
            require(name, stored);
        }
        stored.values().retainAll(canonical(names));
        return stored;
    }

    private static void require(String name, Map<Integer, String> stored) {
        if (GpuMetric.known(name).isPresent()
                || stored.containsValue(GpuMetric.named(name).name())) {
            return;
        }
        Stream<String> known =
                Stream.concat(GpuMetric.catalogue().stream().map(GpuMetric::name), stored.values().stream());
        throw new InvalidQueryException(
                "metric",
                "metric \"" + name + "\" is not known; did you mean " + Nearest.of(name, known.toList()) + "?");
    }
}
