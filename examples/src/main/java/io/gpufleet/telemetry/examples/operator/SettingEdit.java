package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.config.ConsumerSetting;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The requested changes of settings, as they were typed.
 *
 * @param values the values to set; an invalid text stays unchanged, so that it is refused together with the rest
 * @param unset the settings to remove
 * @param unknown the names that are not settings
 */
record SettingEdit(Map<ConsumerSetting, Object> values, Set<ConsumerSetting> unset, List<String> unknown) {

    /**
     * Parses the typed changes.
     *
     * @param assignments {@code setting=value} each
     * @param unset names of settings
     */
    static SettingEdit parse(List<String> assignments, List<String> unset) {
        if (assignments.isEmpty() && unset.isEmpty()) {
            throw new IllegalArgumentException("Missing required parameter: '<setting=value>', or --unset=<setting>");
        }
        List<String> unknown = new ArrayList<>();
        Map<ConsumerSetting, Object> values = new EnumMap<>(ConsumerSetting.class);
        typed(assignments)
                .forEach((column, text) -> ConsumerSetting.ofColumn(column)
                        .ifPresentOrElse(
                                setting -> values.put(setting, value(setting, text)), () -> unknown.add(column)));
        Set<ConsumerSetting> gone = EnumSet.noneOf(ConsumerSetting.class);
        unset.forEach(column -> ConsumerSetting.ofColumn(column).ifPresentOrElse(gone::add, () -> unknown.add(column)));
        return new SettingEdit(values, gone, unknown);
    }

    private static Map<String, String> typed(List<String> assignments) {
        Map<String, String> typed = new LinkedHashMap<>();
        for (String assignment : assignments) {
            int equals = assignment.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("\"" + assignment + "\" is not <setting=value>");
            }
            String column = assignment.substring(0, equals);
            if (typed.put(column, assignment.substring(equals + 1)) != null) {
                throw new IllegalArgumentException(column + " is given twice");
            }
        }
        return typed;
    }

    private static Object value(ConsumerSetting setting, String text) {
        try {
            return setting.parse(text);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    /** Refuses unknown names, together with all other violations. */
    void refuseUnknown(Supplier<List<String>> violations) {
        if (unknown.isEmpty()) {
            return;
        }
        List<String> others = values.isEmpty() ? List.of() : violations.get();
        Stream<String> nameless = unknown.stream().map(column -> "\"" + column + "\" is not a setting");
        String settings = Arrays.stream(ConsumerSetting.values())
                .map(ConsumerSetting::column)
                .collect(Collectors.joining(", "));
        throw new IllegalArgumentException(Stream.concat(others.stream(), nameless)
                        .collect(Collectors.joining("; ")) + "; the settings are " + settings);
    }
}
