package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.jdbc.internal.Spelling;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The columns of an old table by the fields of a sample, which are named as in JSON: those that the host has named, and
 * those with a usual name, in letters of any case. Immutable.
 *
 * @param names the names of columns by field
 */
record FlatColumns(Map<String, String> names) {
    static final String ID = "id";
    static final String TIME = "timestamp";
    static final String METRIC = "metric_name";
    static final String VALUE = "value";
    static final String UUID = "uuid";

    static final List<String> NEEDED = List.of(ID, TIME, METRIC, VALUE, UUID);
    private static final Map<String, List<String>> USUAL = usual();

    /** Labels such as ip and pid are near shorter names of fields. */
    private static final int LEAST_LETTERS = 4;

    /** Copies the map. */
    FlatColumns {
        names = Map.copyOf(names);
    }

    /** Returns the usual names of columns, of which the first one that is there is taken. */
    private static Map<String, List<String>> usual() {
        Map<String, List<String>> usual = new LinkedHashMap<>();
        usual.put(ID, List.of("id"));
        usual.put(TIME, List.of("ts", "timestamp", "time"));
        usual.put(METRIC, List.of("metric_name", "metric"));
        usual.put(VALUE, List.of("metric_value", "value"));
        usual.put(UUID, List.of("uuid", "gpu_uuid"));
        usual.put("gpu_id", List.of("gpu_id", "gpu_index", "gpu"));
        usual.put("device", List.of("device"));
        usual.put("modelName", List.of("model_name", "modelname", "model"));
        usual.put("Hostname", List.of("hostname", "host", "node"));
        usual.put("container", List.of("container"));
        usual.put("pod", List.of("pod"));
        usual.put("namespace", List.of("namespace"));
        usual.put("pci_bus_id", List.of("pci_bus_id"));
        usual.put("labels_raw", List.of("labels_raw", "labels"));
        return usual;
    }

    /**
     * Checks that a name is that of a field, or so unlike all of them that it is a label's.
     *
     * @throws IllegalArgumentException if it is neither
     */
    static void requireFieldOrLabel(String name) {
        USUAL.keySet().stream()
                .filter(field -> !USUAL.containsKey(name) && isMeant(name, field))
                .findFirst()
                .ifPresent(field -> {
                    throw new IllegalArgumentException("column: " + name + " is no field; did you mean " + field
                            + "? Fields are " + String.join(", ", USUAL.keySet())
                            + "; a label has a name unlike these");
                });
    }

    private static boolean isMeant(String name, String field) {
        String lower = name.toLowerCase(Locale.ROOT);
        boolean isNear =
                field.length() >= LEAST_LETTERS && Spelling.distance(lower, field.toLowerCase(Locale.ROOT)) <= 1;
        boolean isUsual =
                NEEDED.contains(field) && USUAL.getOrDefault(field, List.of()).contains(lower);
        return isNear || isUsual || lower.equalsIgnoreCase(field);
    }

    /**
     * Finds the columns of a table.
     *
     * @param table the name of the table
     * @param there the names of its columns
     * @param given the columns that the host has named, by field
     * @throws TelemetryException if one of these, or one that is needed, is not there
     */
    static FlatColumns of(String table, List<String> there, Map<String, String> given) {
        Map<String, String> found = new HashMap<>(given);
        given.values().forEach(column -> require(there.contains(column), table, column, there));
        USUAL.forEach((field, columns) -> first(columns, there).ifPresent(column -> found.putIfAbsent(field, column)));
        NEEDED.forEach(field -> require(
                found.containsKey(field), table, String.join(" or ", USUAL.getOrDefault(field, List.of())), there));
        return new FlatColumns(found);
    }

    private static Optional<String> first(List<String> columns, List<String> there) {
        return columns.stream()
                .flatMap(column -> there.stream()
                        .filter(name -> name.toLowerCase(Locale.ROOT).equals(column)))
                .findFirst();
    }

    private static void require(boolean isThere, String table, String column, List<String> there) {
        if (!isThere) {
            throw new TelemetryException("table " + table + " has no column " + column + "; it has "
                    + String.join(", ", there) + "; column(field, name) tells another one");
        }
    }

    /** Returns the column of a field that is needed. */
    String of(String field) {
        return names.getOrDefault(field, field);
    }
}
