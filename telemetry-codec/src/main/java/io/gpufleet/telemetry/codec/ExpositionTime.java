package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.codec.Entry.Token;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * The time of a line of exposition text: whole milliseconds since 1970, or, in OpenMetrics, seconds with a fraction.
 * Milliseconds before 1973 are refused: they are the seconds of an OpenMetrics text that was cut off.
 */
final class ExpositionTime {
    /** The end of the year 9999. */
    private static final long LATEST_MICROS = 253_402_300_800_000_000L;

    /** A time in 1973: earlier milliseconds are seconds of a text whose last line is missing. */
    private static final long EARLIEST_MILLIS = 100_000_000_000L;

    private static final long MICROS_A_SECOND = 1_000_000;
    private static final long MICROS_A_MILLISECOND = 1_000;
    private static final int MOST_DIGITS = 18;
    private static final int MICRO_DIGITS = 6;

    private ExpositionTime() {}

    /**
     * Reads a time; digits behind the microsecond are cut.
     *
     * @throws CodecException if it is none, with the reason
     */
    static Instant read(byte[] text, Token token, boolean openMetrics) {
        int point = skipDigits(text, token.from(), token.to());
        long fraction = 0;
        int end = point;
        if (openMetrics && point < token.to() && text[point] == '.') {
            end = skipDigits(text, point + 1, token.to());
            fraction = fraction(text, point + 1, end);
        }
        long unit = openMetrics ? MICROS_A_SECOND : MICROS_A_MILLISECOND;
        long whole = number(text, token.from(), Math.min(point, token.from() + MOST_DIGITS));
        boolean isNumber = point > token.from() && end == token.to() && point - token.from() <= MOST_DIGITS;
        long least = openMetrics ? 0 : EARLIEST_MILLIS;
        if (!isNumber || whole < least || whole >= LATEST_MICROS / unit) {
            throw refuse(text, token, openMetrics);
        }
        return TimeReader.ofMicros(whole * unit + fraction);
    }

    private static int skipDigits(byte[] text, int from, int to) {
        int at = from;
        while (at < to && text[at] >= '0' && text[at] <= '9') {
            at++;
        }
        return at;
    }

    private static long fraction(byte[] text, int from, int to) {
        int digits = Math.min(to - from, MICRO_DIGITS);
        long micros = number(text, from, from + digits);
        for (int i = digits; i < MICRO_DIGITS; i++) {
            micros *= 10;
        }
        return micros;
    }

    private static long number(byte[] text, int from, int to) {
        long number = 0;
        for (int at = from; at < to; at++) {
            number = number * 10 + text[at] - '0';
        }
        return number;
    }

    private static CodecException refuse(byte[] text, Token token, boolean openMetrics) {
        String time = new String(text, token.from(), token.to() - token.from(), StandardCharsets.UTF_8);
        String unit = openMetrics ? " is not seconds since 1970" : " is not milliseconds since 1970";
        return new CodecException("timestamp " + Quotation.of(time) + unit, token.from());
    }
}
