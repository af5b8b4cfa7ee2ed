package io.gpufleet.telemetry.examples.operator;

import org.jspecify.annotations.Nullable;

/** How wide the terminal is. */
final class TerminalWidth {
    private static final int NARROWEST = 40;

    private TerminalWidth() {}

    /** The columns that {@code COLUMNS} names, which the script sets for a terminal; else no limit, as for a file. */
    static int columns() {
        return columns(System.getenv("COLUMNS"));
    }

    static int columns(@Nullable String text) {
        return text != null && text.matches("[0-9]{1,6}")
                ? Math.max(NARROWEST, Integer.parseInt(text))
                : Integer.MAX_VALUE;
    }
}
