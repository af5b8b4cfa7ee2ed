package io.gpufleet.telemetry.config;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The allowed values of a setting. Immutable.
 *
 * @param type the class of the values
 * @param min the smallest number; 0 for other types
 * @param max the largest number; 0 for other types
 * @param choices the allowed texts, none if every text is allowed
 * @param defaultValue the default, absent if there is none
 */
record SettingDomain(Class<?> type, long min, long max, List<Object> choices, Optional<Object> defaultValue) {

    static SettingDomain integer(int min, int max, int defaultValue) {
        return new SettingDomain(Integer.class, min, max, List.of(), Optional.of(defaultValue));
    }

    static SettingDomain number(long min, long max, long defaultValue) {
        return new SettingDomain(Long.class, min, max, List.of(), Optional.of(defaultValue));
    }

    static SettingDomain flag(boolean defaultValue) {
        return new SettingDomain(Boolean.class, 0, 0, List.of(), Optional.of(defaultValue));
    }

    static SettingDomain text() {
        return new SettingDomain(String.class, 0, 0, List.of(), Optional.empty());
    }

    static <E extends Enum<E>> SettingDomain oneOf(Class<E> choices, E defaultValue) {
        return new SettingDomain(String.class, 0, 0, RowText.all(choices), Optional.of(RowText.of(defaultValue)));
    }

    boolean holds(Object value) {
        if (!type.isInstance(value)) {
            return false;
        }
        if (value instanceof Number number) {
            return number.longValue() >= min && number.longValue() <= max;
        }
        if (value instanceof String text) {
            return choices.isEmpty() ? !text.isBlank() : choices.contains(text);
        }
        return true;
    }

    String allowed() {
        if (type == Boolean.class) {
            return "true or false";
        }
        if (type == String.class) {
            return choices.isEmpty()
                    ? "a text that is not blank"
                    : choices.stream().map(Object::toString).collect(Collectors.joining(", ", "one of ", ""));
        }
        return "between " + min + " and " + max;
    }

    /** Parses a text as a value of the type; absent if it is not one. */
    Optional<Object> parse(String text) {
        String stripped = text.strip();
        if (type == Boolean.class) {
            return stripped.equals("true") || stripped.equals("false")
                    ? Optional.of(Boolean.valueOf(stripped))
                    : Optional.empty();
        }
        if (type == String.class) {
            return Optional.of(stripped);
        }
        return type == Integer.class ? number(stripped, Integer::valueOf) : number(stripped, Long::valueOf);
    }

    private static Optional<Object> number(String text, Function<String, Object> reading) {
        try {
            return Optional.of(reading.apply(text));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
