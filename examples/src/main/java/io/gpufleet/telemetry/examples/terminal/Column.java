package io.gpufleet.telemetry.examples.terminal;

import java.time.OffsetDateTime;
import java.util.function.Function;

/**
 * A column of a {@link Table}: its header, and how its values are written. Immutable.
 *
 * @param header what stands above it
 * @param alignedRight whether its values end below each other
 * @param format writes a value
 */
public record Column(String header, boolean alignedRight, Function<Object, String> format) {

    public static Column text(String header) {
        return new Column(header, false, String::valueOf);
    }

    public static Column count(String header) {
        return number(header, value -> Text.count(value.longValue()));
    }

    public static Column percent(String header) {
        return number(header, value -> Text.percent(value.doubleValue()));
    }

    public static Column celsius(String header) {
        return number(header, value -> Text.celsius(value.doubleValue()));
    }

    public static Column bytes(String header) {
        return number(header, value -> Text.bytes(value.doubleValue()));
    }

    /** A number of a unit that is written behind it. */
    public static Column quantity(String unit, String header) {
        return number(header, value -> Text.count(value.longValue()) + " " + unit);
    }

    public static Column time(String header) {
        return new Column(header, false, value -> Text.time(((OffsetDateTime) value).toInstant()));
    }

    private static Column number(String header, Function<Number, String> format) {
        return new Column(header, true, value -> format.apply((Number) value));
    }
}
