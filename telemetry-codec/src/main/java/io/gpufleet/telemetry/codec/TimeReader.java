package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.CodecException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.Month;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.chrono.IsoChronology;
import org.jspecify.annotations.Nullable;

/**
 * A reader of times that stand as text, to the microsecond: finer digits are cut. It reads RFC 3339, with a blank in
 * place of the T, a comma in place of the point, and an offset without a colon too; seconds since 1970 with or without
 * a fraction; and whole milliseconds, microseconds and nanoseconds since 1970, which are told apart by their number of
 * digits.
 *
 * <pre>{@code
 * 2026-03-01T12:00:00.123456Z    2026-03-01 13:30:00,123456+0130    1772366400.123456    1772366400123
 * }</pre>
 *
 * <p>A time without an offset is that of the zone given, if one is. Not thread-safe.
 */
final class TimeReader {
    private static final int LONGEST = 64;
    private static final long MICROS_A_SECOND = 1_000_000;
    private static final int MICRO_DIGITS = 6;
    private static final int SECONDS = 10;
    private static final int MILLISECONDS = 13;
    private static final int MICROSECONDS = 16;
    private static final int NANOSECONDS = 19;

    private final @Nullable ZoneId zone;

    private String text = "";
    private int at;
    private boolean lacksZone;

    TimeReader(@Nullable ZoneId zone) {
        this.zone = zone;
    }

    /**
     * Reads a time.
     *
     * @throws CodecException with a reason that begins with {@code timestamp}
     */
    Instant read(String time) {
        open(time);
        if (text.length() > LONGEST) {
            throw refuse();
        }
        return digitsAhead() == text.length() || text.indexOf('.') == SECONDS ? sinceEpoch() : date('-');
    }

    /**
     * Reads a time of RFC 3339, and no other.
     *
     * @throws CodecException with a reason that begins with {@code timestamp}
     */
    Instant readDate(String time) {
        open(time);
        return date('-');
    }

    /** Reads a time of nvidia-smi: {@code 2026/03/01 12:00:00.250}, which is local. */
    Instant readLocal(String time) {
        open(time);
        return date('/');
    }

    /** Returns whether the last time could not be read only because no zone is given. */
    boolean lacksZone() {
        return lacksZone;
    }

    private void open(String time) {
        lacksZone = false;
        text = time.strip();
        at = 0;
    }

    private Instant sinceEpoch() {
        int whole = digitsAhead();
        if (whole < text.length()) {
            return seconds(whole);
        }
        return switch (whole) {
            case SECONDS -> ofMicros(number(whole) * MICROS_A_SECOND);
            case MILLISECONDS -> ofMicros(number(whole) * 1000);
            case MICROSECONDS -> ofMicros(number(whole));
            case NANOSECONDS -> ofMicros(nanosecondsAsMicros());
            default -> throw refuse();
        };
    }

    private Instant seconds(int whole) {
        if (whole != SECONDS) {
            throw refuse();
        }
        long micros = number(whole) * MICROS_A_SECOND + fraction();
        requireEnd();
        return ofMicros(micros);
    }

    private long nanosecondsAsMicros() {
        // A nineteenth digit may be too much for a long; the last three are cut in any case.
        return number(NANOSECONDS - 3);
    }

    private Instant date(char separator) {
        int year = number(4, 0, 9999);
        expect(separator);
        int month = number(2, 1, 12);
        expect(separator);
        int day = number(2, 1, Month.of(month).length(IsoChronology.INSTANCE.isLeapYear(year)));
        if (!isNext('T') && !isNext('t') && !isNext(' ')) {
            throw refuse();
        }
        at++;
        int hour = number(2, 0, 23);
        expect(':');
        int minute = number(2, 0, 59);
        expect(':');
        int second = number(2, 0, 59);
        return zoned(LocalDateTime.of(year, month, day, hour, minute, second), fraction());
    }

    private Instant zoned(LocalDateTime local, long micros) {
        long seconds;
        if (at < text.length()) {
            seconds = local.toEpochSecond(ZoneOffset.UTC) - offset();
            requireEnd();
        } else if (zone == null) {
            lacksZone = true;
            throw new CodecException("timestamp " + Quotation.of(text) + " names no zone; give zone(...)", 0);
        } else {
            seconds = local.atZone(zone).toEpochSecond();
        }
        return Instant.ofEpochSecond(seconds, micros * 1000);
    }

    /** Returns the seconds by which local time is ahead of UTC. */
    private int offset() {
        if (isNext('Z') || isNext('z')) {
            at++;
            return 0;
        }
        boolean behind = isNext('-');
        if (!behind && !isNext('+')) {
            throw refuse();
        }
        at++;
        int hours = number(2, 0, 23);
        if (isNext(':')) {
            at++;
        }
        int seconds = (hours * 60 + number(2, 0, 59)) * 60;
        return behind ? -seconds : seconds;
    }

    /** Returns the microseconds of a fraction of a second; 0 if there is none. */
    private long fraction() {
        if (!isNext('.') && !isNext(',')) {
            return 0;
        }
        at++;
        int count = digitsAhead();
        if (count == 0) {
            throw refuse();
        }
        long micros = number(Math.min(count, MICRO_DIGITS));
        for (int i = count; i < MICRO_DIGITS; i++) {
            micros *= 10;
        }
        at += Math.max(0, count - MICRO_DIGITS);
        return micros;
    }

    private int number(int digits, int least, int most) {
        if (digitsAhead() < digits) {
            throw refuse();
        }
        int number = (int) number(digits);
        if (number < least || number > most) {
            throw refuse();
        }
        return number;
    }

    private long number(int digits) {
        long number = 0;
        for (int last = at + digits; at < last; at++) {
            number = number * 10 + text.charAt(at) - '0';
        }
        return number;
    }

    private int digitsAhead() {
        int i = at;
        while (i < text.length() && text.charAt(i) >= '0' && text.charAt(i) <= '9') {
            i++;
        }
        return i - at;
    }

    private boolean isNext(char character) {
        return at < text.length() && text.charAt(at) == character;
    }

    private void expect(char character) {
        if (!isNext(character)) {
            throw refuse();
        }
        at++;
    }

    private void requireEnd() {
        if (at < text.length()) {
            throw refuse();
        }
    }

    private CodecException refuse() {
        return new CodecException(
                "timestamp " + Quotation.of(text) + " is not a time, for example 2026-03-01T12:00:00Z", 0);
    }

    static Instant ofMicros(long micros) {
        return Instant.ofEpochSecond(
                Math.floorDiv(micros, MICROS_A_SECOND), Math.floorMod(micros, MICROS_A_SECOND) * 1000);
    }
}
