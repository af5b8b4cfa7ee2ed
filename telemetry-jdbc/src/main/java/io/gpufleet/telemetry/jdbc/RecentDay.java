package io.gpufleet.telemetry.jdbc;

import java.time.Instant;
import java.time.LocalDate;

/** The UTC days of times, most of which are of the same day as the one before. Thread-safe. */
final class RecentDay {
    private static final long SECONDS_OF_A_DAY = 86_400;

    private volatile Day recent = new Day(0);

    private record Day(long number, LocalDate date) {
        Day(long number) {
            this(number, LocalDate.ofEpochDay(number));
        }
    }

    /** Returns the day of a time, mostly the same object as for the time before. */
    LocalDate of(Instant time) {
        long number = Math.floorDiv(time.getEpochSecond(), SECONDS_OF_A_DAY);
        Day day = recent;
        if (day.number != number) {
            day = new Day(number);
            recent = day;
        }
        return day.date;
    }
}
