package io.gpufleet.telemetry.examples.terminal;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A column of a {@link Table}: its header, the form of its values, and its behaviour in a narrow terminal. Immutable.
 *
 * @param header its header
 * @param alignedRight whether its values are aligned to the right
 * @param format formats a value
 * @param absent the text for a missing value
 * @param narrow the treatment of its values in a narrow terminal
 * @param dispensable 0 if it is always shown; of the other columns, the one with the largest number is left out first
 */
public record Column(
        String header,
        boolean alignedRight,
        Function<Object, String> format,
        String absent,
        Narrow narrow,
        int dispensable) {
    private static final int LONGEST_LIST = 100;

    /** The treatment of values that are too wide. */
    public enum Narrow {
        /** Never shortened: half a number is another number. */
        WHOLE,
        /** Cut, as long as different values stay different. */
        CUT,
        /** Moved to lines of their own. */
        WRAPPED
    }

    private Column(String header, boolean alignedRight, Function<Object, String> format) {
        this(header, alignedRight, format, "", Narrow.WHOLE, 0);
    }

    public static Column text(String header) {
        return new Column(header, false, value -> Text.onOneLine(String.valueOf(value))).narrow(Narrow.CUT);
    }

    /** Returns a column of sentences, which are always shown in full. */
    public static Column prose(String header) {
        return text(header).narrow(Narrow.WRAPPED);
    }

    /** Returns a column of lists of texts; an entry that is too long for a line is cut. */
    public static Column texts(String header) {
        return new Column(header, false, value -> Text.shortened(LONGEST_LIST, joined((List<?>) value)))
                .narrow(Narrow.WRAPPED);
    }

    private Column narrow(Narrow way) {
        return new Column(header, alignedRight, format, absent, way, dispensable);
    }

    /** Returns the same column, left out of a narrow terminal before those with a smaller number. */
    public Column dispensable(int order) {
        return new Column(header, alignedRight, format, absent, narrow, order);
    }

    /** Returns a column of numbers to be typed again, such as offsets: without separators. */
    public static Column number(String header) {
        return ofNumber(header, String::valueOf);
    }

    /** Returns a column of any finite numbers, with all their digits. */
    public static Column decimal(String header) {
        return ofNumber(header, value -> Decimal.of(value.doubleValue()).toString());
    }

    public static Column count(String header) {
        return ofNumber(header, value -> Text.count(value.longValue()));
    }

    /**
     * Returns a column of counts that may be unknown, shown as a question mark, since an empty cell would look like 0.
     */
    public static Column countIfKnown(String header) {
        return new Column(header, true, count(header).format(), "?", Narrow.WHOLE, 0);
    }

    /** Returns a column of figures that are texts already, each with its unit. */
    public static Column figure(String header) {
        return new Column(header, true, String::valueOf);
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

    /** Returns a column of numbers with a unit after them. */
    public static Column quantity(String unit, String header) {
        return ofNumber(header, value -> Text.count(value.longValue()) + " " + unit);
    }

    public static Column time(String header) {
        return new Column(header, false, value -> Text.time(((OffsetDateTime) value).toInstant()));
    }

    /** Returns a column of times to be typed again: exact, as {@code 2026-01-31T23:55:10.123Z}. */
    public static Column instant(String header) {
        return new Column(header, false, value -> ((Instant) value).toString());
    }

    private static Column ofNumber(String header, Function<Number, String> format) {
        return new Column(header, true, value -> format.apply((Number) value));
    }

    private static String joined(List<?> values) {
        return values.stream().map(String::valueOf).map(Text::onOneLine).collect(Collectors.joining("; "));
    }

    /** Returns the name for programs: the header with underscores. */
    String name() {
        return header.replace(' ', '_');
    }
}
