package io.gpufleet.telemetry.jdbc;

import java.time.Instant;
import java.time.LocalDate;

/**
 * Times as microseconds and days since 1970, and the SQL expressions that convert them back: exact, and the same in
 * every time zone. A time that no column can hold becomes a number that PostgreSQL refuses as out of range.
 */
final class WireTime {
    private static final long MICROS_PER_SECOND = 1_000_000;
    private static final int NANOS_PER_MICRO = 1_000;

    private WireTime() {}

    static long toMicros(Instant time) {
        try {
            long micros = Math.multiplyExact(time.getEpochSecond(), MICROS_PER_SECOND);
            return Math.addExact(micros, time.getNano() / NANOS_PER_MICRO);
        } catch (ArithmeticException e) {
            return Long.MIN_VALUE;
        }
    }

    static int toDay(LocalDate date) {
        long day = date.toEpochDay();
        return (int) day == day ? (int) day : Integer.MIN_VALUE;
    }

    /**
     * Returns the expression for the time of some microseconds. PostgreSQL multiplies an interval by a double, which is
     * exact up to 53 bits only, so the upper bits (times a power of two) and the lower 20 are multiplied separately.
     */
    static String timestampOf(String micros) {
        return "(timestamptz 'epoch' + (" + micros + " >> 20) * interval '1048576 microseconds' + (" + micros
                + " & 1048575) * interval '1 microsecond')";
    }

    static String dateOf(String day) {
        return "(date '1970-01-01' + " + day + ")";
    }
}
