package io.gpufleet.telemetry.examples.terminal;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The text of values for people: with units, the same on every machine. */
public final class Text {
    private static final double KILO = 1000;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);

    private Text() {}

    /** Returns {@code 57,600}. */
    public static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** Returns {@code 1 line}, or {@code 2,000 lines}. */
    public static String count(long value, String one, String many) {
        return count(value) + " " + (value == 1 ? one : many);
    }

    /** Returns {@code 47.1 %}. */
    public static String percent(double value) {
        return String.format(Locale.ROOT, "%.1f %%", value);
    }

    /** Returns {@code 61.3 C}. */
    public static String celsius(double value) {
        return String.format(Locale.ROOT, "%.1f C", value);
    }

    /** Returns {@code 7.2 GB}, in powers of ten. */
    public static String bytes(double value) {
        return scaled(value, "%.0f B", "B");
    }

    /** Returns {@code 61.3 kW}, or {@code 312.3 W}, in powers of ten of a unit. */
    public static String quantity(double value, String unit) {
        return scaled(value, "%.1f " + unit, unit);
    }

    private static String scaled(double value, String small, String unit) {
        double scaled = value;
        int power = 0;
        for (; Math.abs(scaled) >= KILO && power < "kMGTPE".length(); power++) {
            scaled /= KILO;
        }
        return power == 0
                ? String.format(Locale.ROOT, small, value)
                : String.format(Locale.ROOT, "%.1f %c%s", scaled, "kMGTPE".charAt(power - 1), unit);
    }

    /** Returns {@code 2026-01-31 23:55}, in UTC. */
    public static String time(Instant time) {
        return TIME.format(time);
    }

    /**
     * Returns a text with control characters, which could draw on the terminal or turn it round, replaced by their
     * numbers.
     */
    public static String onOneLine(String text) {
        StringBuilder line = new StringBuilder();
        text.codePoints().forEach(character -> {
            if (Character.isISOControl(character) || Character.getType(character) == Character.FORMAT) {
                line.append(String.format(Locale.ROOT, "\\u%04x", character));
            } else {
                line.appendCodePoint(character);
            }
        });
        return line.toString();
    }

    /** Returns a text of a length at most, with dots in place of the rest. */
    public static String shortened(int length, String text) {
        return text.length() <= length ? text : text.substring(0, length - "...".length()) + "...";
    }

    /** Returns a text of a length at most, with dots in the middle, since names usually differ at their ends. */
    static String shortenedInTheMiddle(int length, String text) {
        int end = (length - "...".length()) / 2;
        return text.length() <= length ? text : shortened(length - end, text) + text.substring(text.length() - end);
    }

    /** Returns lines of words, none longer than a width unless a single word is. */
    static List<String> wrapped(int width, String indent, String text) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.strip().split(" ", -1)) {
            if (line.length() > 0 && indent.length() + line.length() + 1 + word.length() > width) {
                lines.add(indent + line);
                line.setLength(0);
            }
            line.append(line.length() == 0 ? "" : " ").append(word);
        }
        if (line.length() > 0) {
            lines.add(indent + line);
        }
        return lines;
    }

    /** Returns {@code 5 minutes}, or {@code 30 seconds}. */
    public static String duration(Duration duration) {
        boolean whole = duration.toSeconds() % Duration.ofMinutes(1).toSeconds() == 0;
        return whole
                ? count(duration.toMinutes(), "minute", "minutes")
                : count(duration.toSeconds(), "second", "seconds");
    }
}
