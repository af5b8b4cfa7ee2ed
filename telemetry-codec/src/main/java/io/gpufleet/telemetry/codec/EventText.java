package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.CodecException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/** The values of an event's fields from texts and numbers of JSON; null where the field cannot have one. */
final class EventText {
    private EventText() {}

    static @Nullable Instant time(String text) {
        try {
            return new TimeReader(null).readDate(text);
        } catch (CodecException other) {
            return null;
        }
    }

    static @Nullable LocalDate date(String text) {
        try {
            return LocalDate.parse(text);
        } catch (DateTimeParseException other) {
            return null;
        }
    }

    static @Nullable Integer integer(long number) {
        return number >= 0 && number <= Integer.MAX_VALUE ? (Integer) (int) number : null;
    }

    static @Nullable Double finite(double number) {
        return Double.isFinite(number) ? (Double) number : null;
    }
}
