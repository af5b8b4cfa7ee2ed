package io.gpufleet.telemetry.benchmarks.pipeline;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The options of the table, as {@code name=value} behind {@code quick} or {@code full}. Immutable.
 *
 * <p>{@code rows} selects rows by their names, with hyphens for spaces; {@code devices}, {@code records},
 * {@code clients}, {@code partitions} and {@code rounds} change the scale; {@code lanes} and {@code batch} set the
 * product; {@code statements=1} prints PostgreSQL's time by statement behind every row. Lists have commas.
 */
final class Options {
    private static final List<String> NAMES =
            List.of("rows", "devices", "records", "clients", "partitions", "rounds", "lanes", "batch", "statements");

    private final String scale;
    private final Map<String, String> values;

    private Options(String scale, Map<String, String> values) {
        this.scale = scale;
        this.values = values;
    }

    static Options parse(String... arguments) {
        String scale = "quick";
        Map<String, String> values = new HashMap<>();
        for (String argument : arguments) {
            int separator = argument.indexOf('=');
            if (separator < 0) {
                scale = argument;
            } else {
                values.put(known(argument.substring(0, separator)), argument.substring(separator + 1));
            }
        }
        return new Options(scale, Map.copyOf(values));
    }

    private static String known(String name) {
        if (!NAMES.contains(name)) {
            throw new IllegalArgumentException(name + " is none of " + NAMES);
        }
        return name;
    }

    /** Returns the scale, changed by the options. */
    Scale scale() {
        Scale named = named();
        Map<Integer, Integer> records = new TreeMap<>();
        List<Integer> devices = values.containsKey("devices")
                ? list("devices").stream().map(Integer::valueOf).toList()
                : List.copyOf(named.records().keySet());
        devices.forEach(count ->
                records.put(count, number("records", named.backlog(count).records())));
        return new Scale(
                records,
                named.warmUpRecords(),
                named.partRecords(),
                number("clients", named.clients()),
                number("partitions", named.partitions()),
                number("rounds", named.rounds()),
                new BacklogSettings(
                        number("lanes", named.product().lanes()),
                        number("batch", named.product().maxRecords())));
    }

    private Scale named() {
        return switch (scale) {
            case "quick" -> Scale.quick();
            case "full" -> Scale.full();
            case "smoke" -> Scale.smoke();
            default -> throw new IllegalArgumentException(scale + " is none of quick, full and smoke");
        };
    }

    /**
     * Returns the selected rows.
     *
     * @throws IllegalArgumentException if there is no row of such a name
     */
    List<Contestant> select(List<Contestant> rows) {
        if (!values.containsKey("rows")) {
            return rows;
        }
        Map<String, Contestant> byName = new LinkedHashMap<>();
        rows.forEach(row -> byName.put(argument(row), row));
        Set<String> asked = new HashSet<>(list("rows"));
        if (!byName.keySet().containsAll(asked)) {
            throw new IllegalArgumentException(asked + " are not all among " + byName.keySet());
        }
        byName.keySet().retainAll(asked);
        return List.copyOf(byName.values());
    }

    private static String argument(Contestant row) {
        return row.name().replace(",", "").replace(' ', '-').toLowerCase(Locale.ROOT);
    }

    /** Returns the given number, or the default. */
    int number(String name, int usual) {
        return Optional.ofNullable(values.get(name)).map(Integer::valueOf).orElse(usual);
    }

    private List<String> list(String name) {
        return List.of(values.getOrDefault(name, "").toLowerCase(Locale.ROOT).split(",", -1));
    }
}
