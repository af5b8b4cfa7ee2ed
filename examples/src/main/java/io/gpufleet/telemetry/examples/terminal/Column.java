package io.gpufleet.telemetry.examples.terminal;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A column of a {@link Table}: its header, and how its values are written. Immutable.
 *
 * @param header what stands above it
 * @param alignedRight whether its values end below each other
 * @param format writes a value
 * @param absent stands where there is no value
 */
public record Column(String header, boolean alignedRight, Function<Object, String> format, String absent) {
    private static final int LONGEST_LIST = 100;

    private Column(String header, boolean alignedRight, Function<Object, String> format) {
        this(header, alignedRight, format, "");
    }

    public static Column text(String header) {
        return new Column(header, false, value -> Text.onOneLine(String.valueOf(value)));
    }

    /** Several texts behind each other; what is too long for a line is cut. */
    public static Column texts(String header) {
        return new Column(header, false, value -> Text.shortened(LONGEST_LIST, joined((List<?>) value)));
    }

    /** A number that is typed again, as an offset: without separators. */
    public static Column number(String header) {
        return ofNumber(header, String::valueOf);
    }

    public static Column count(String header) {
        return ofNumber(header, value -> Text.count(value.longValue()));
    }

    /** A count that is not always known: a question mark stands where it is not, since nothing would look like 0. */
    public static Column countIfKnown(String header) {
        Column count = count(header);
        return new Column(header, count.alignedRight(), count.format(), "?");
    }

    public static Column percent(String header) {
        return ofNumber(header, value -> Text.percent(value.doubleValue()));
    }

    public static Column celsius(String header) {
        return ofNumber(header, value -> Text.celsius(value.doubleValue()));
    }

    public static Column bytes(String header) {
        return ofNumber(header, value -> Text.bytes(value.doubleValue()));
    }

    /** A number of a unit that is written behind it. */
    public static Column quantity(String unit, String header) {
        return ofNumber(header, value -> Text.count(value.longValue()) + " " + unit);
    }

    public static Column time(String header) {
        return new Column(header, false, value -> Text.time(((OffsetDateTime) value).toInstant()));
    }

    /** A time that is typed again: exact, as {@code 2026-01-31T23:55:10.123Z}. */
    public static Column instant(String header) {
        return new Column(header, false, value -> ((Instant) value).toString());
    }

    private static Column ofNumber(String header, Function<Number, String> format) {
        return new Column(header, true, value -> format.apply((Number) value));
    }

    private static String joined(List<?> values) {
        return values.stream().map(String::valueOf).map(Text::onOneLine).collect(Collectors.joining("; "));
    }

    /** Returns what programs call it: the header with underscores. */
    String name() {
        return header.replace(' ', '_');
    }
}
