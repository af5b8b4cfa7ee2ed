package io.gpufleet.telemetry.examples.terminal;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A column of a {@link Table}: its header, how its values are written, and what becomes of it where the terminal is too
 * narrow. Immutable.
 *
 * @param header what stands above it
 * @param alignedRight whether its values end below each other
 * @param format writes a value
 * @param absent stands where there is no value
 * @param narrow what becomes of its values in a narrow terminal
 * @param dispensable 0 if it is always shown; among others the one with the largest number is left out first
 */
public record Column(
        String header,
        boolean alignedRight,
        Function<Object, String> format,
        String absent,
        Narrow narrow,
        int dispensable) {
    private static final int LONGEST_LIST = 100;

    /** What becomes of values that are too wide. */
    public enum Narrow {
        /** They stay as they are: half a number is another number. */
        WHOLE,
        /** They are cut, as far as they can be told apart. */
        CUT,
        /** They go to lines of their own. */
        WRAPPED
    }

    private Column(String header, boolean alignedRight, Function<Object, String> format) {
        this(header, alignedRight, format, "", Narrow.WHOLE, 0);
    }

    public static Column text(String header) {
        return new Column(header, false, value -> Text.onOneLine(String.valueOf(value))).narrow(Narrow.CUT);
    }

    /** A sentence, which is of use only if it is all there. */
    public static Column prose(String header) {
        return text(header).narrow(Narrow.WRAPPED);
    }

    /** Several texts behind each other; what is too long for a line is cut. */
    public static Column texts(String header) {
        return new Column(header, false, value -> Text.shortened(LONGEST_LIST, joined((List<?>) value)))
                .narrow(Narrow.WRAPPED);
    }

    private Column narrow(Narrow way) {
        return new Column(header, alignedRight, format, absent, way, dispensable);
    }

    /** The same column, left out of a narrow terminal before those with a smaller number. */
    public Column dispensable(int order) {
        return new Column(header, alignedRight, format, absent, narrow, order);
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
        return new Column(header, true, count(header).format(), "?", Narrow.WHOLE, 0);
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
