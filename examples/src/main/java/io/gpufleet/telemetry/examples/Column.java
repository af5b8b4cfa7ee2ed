package io.gpufleet.telemetry.examples;

import java.time.OffsetDateTime;
import java.util.function.Function;

/**
 * A column of a {@link Table}: its header, and how its values are written. Immutable.
 *
 * @param header what stands above it
 * @param alignedRight whether its values end below each other
 * @param format writes a value
 */
record Column(String header, boolean alignedRight, Function<Object, String> format) {

    static Column text(String header) {
        return new Column(header, false, String::valueOf);
    }

    static Column count(String header) {
        return number(header, value -> Text.count(value.longValue()));
    }

    static Column percent(String header) {
        return number(header, value -> Text.percent(value.doubleValue()));
    }

    static Column celsius(String header) {
        return number(header, value -> Text.celsius(value.doubleValue()));
    }

    static Column bytes(String header) {
        return number(header, value -> Text.bytes(value.doubleValue()));
    }

    /** A number of a unit that is written behind it. */
    static Column quantity(String unit, String header) {
        return number(header, value -> Text.count(value.longValue()) + " " + unit);
    }

    static Column time(String header) {
        return new Column(header, false, value -> Text.time(((OffsetDateTime) value).toInstant()));
    }

    private static Column number(String header, Function<Number, String> format) {
        return new Column(header, true, value -> format.apply((Number) value));
    }
}
