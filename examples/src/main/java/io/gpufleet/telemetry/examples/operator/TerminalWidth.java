package io.gpufleet.telemetry.examples.operator;

import org.jspecify.annotations.Nullable;

/** The width of the terminal. */
final class TerminalWidth {
    private static final int NARROWEST = 40;

    private TerminalWidth() {}

    /**
     * Returns the number of columns in {@code COLUMNS}, which the script sets for a terminal; else no limit, as for a
     * file.
     */
    static int columns() {
        return columns(System.getenv("COLUMNS"));
    }

    static int columns(@Nullable String text) {
        return text != null && text.matches("[0-9]{1,6}")
                ? Math.max(NARROWEST, Integer.parseInt(text))
                : Integer.MAX_VALUE;
    }
}
