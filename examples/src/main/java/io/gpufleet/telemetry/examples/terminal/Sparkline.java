package io.gpufleet.telemetry.examples.terminal;

import java.nio.charset.Charset;
import java.util.List;
import java.util.OptionalLong;

/** Figures of equal spans of time as a row of bars, the newest last: {@code ▁▂▅█}. */
public final class Sparkline {
    private static final String BARS = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588";
    private static final String LETTERS = "_.-=+*#@";
    private static final char UNKNOWN = '?';

    private Sparkline() {}

    /**
     * Draws figures of 0 or more, each in proportion to the largest; an unknown figure is a question mark.
     *
     * @param figures the oldest first
     * @param charset the charset of the terminal; one without bars gets letters
     * @return as many characters as figures
     */
    public static String of(List<OptionalLong> figures, Charset charset) {
        String levels = charset.canEncode() && charset.newEncoder().canEncode(BARS) ? BARS : LETTERS;
        long largest = figures.stream()
                .filter(OptionalLong::isPresent)
                .mapToLong(OptionalLong::getAsLong)
                .max()
                .orElse(0);
        StringBuilder line = new StringBuilder();
        figures.forEach(figure -> line.append(
                figure.isPresent() ? levels.charAt(level(figure.getAsLong(), largest, levels.length())) : UNKNOWN));
        return line.toString();
    }

    /** Returns the level of a figure; only 0 has the lowest level. */
    private static int level(long figure, long largest, int levels) {
        return figure == 0 ? 0 : 1 + (int) ((levels - 2) * (double) figure / largest);
    }
}
