package io.gpufleet.telemetry.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The text of an enum's constants in a row. */
final class RowText {
    private RowText() {}

    /**
     * Returns a constant as text: {@code cooperative-sticky} for assignment strategies, {@code read_committed} for
     * everything else.
     */
    static String of(Enum<?> constant) {
        String name = constant.name().toLowerCase(Locale.ROOT);
        return constant instanceof AssignmentStrategy ? name.replace('_', '-') : name;
    }

    static <E extends Enum<E>> List<Object> all(Class<E> type) {
        return Arrays.stream(type.getEnumConstants()).<Object>map(RowText::of).toList();
    }

    /** Parses a text that {@link #all} contains. */
    static <E extends Enum<E>> E parse(Class<E> type, String text) {
        return Enum.valueOf(type, text.toUpperCase(Locale.ROOT).replace('-', '_'));
    }
}
