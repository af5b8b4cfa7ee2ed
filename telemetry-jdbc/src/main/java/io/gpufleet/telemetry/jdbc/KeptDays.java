package io.gpufleet.telemetry.jdbc;

import java.time.Instant;
import java.time.LocalDate;
import java.util.Optional;
import java.util.function.Function;

/**
 * The UTC days that a table takes, within one transaction. Belongs to the thread of the transaction.
 *
 * @param first the first day that is kept
 * @param last the last day that is created
 * @param surplus returns the reason why a day between them is not created; absent if it is
 */
record KeptDays(LocalDate first, LocalDate last, Function<LocalDate, Optional<String>> surplus) {
    private static final long SECONDS_OF_A_DAY = 86_400;

    static LocalDate dayOf(Instant time) {
        return LocalDate.ofEpochDay(Math.floorDiv(time.getEpochSecond(), SECONDS_OF_A_DAY));
    }

    boolean contains(LocalDate day) {
        return !day.isBefore(first) && !day.isAfter(last);
    }

    /** Returns whether retention has dropped the day of a row, or would drop it together with the row. */
    boolean isDropped(LocalDate day) {
        return day.isBefore(first);
    }

    /** Returns the reason why the table does not take rows of a day; absent if it does. */
    Optional<String> faultOf(LocalDate day) {
        return isDropped(day)
                ? Optional.of("beyond retention: " + day + " is before " + first + ", the first day that is kept")
                : faultUnlessDropped(day);
    }

    /** Returns the same as {@link #faultOf}, but absent for a day that retention has dropped. */
    Optional<String> faultUnlessDropped(LocalDate day) {
        return day.isAfter(last)
                ? Optional.of(day + " is more than " + DayPartitions.DAYS_AHEAD + " days ahead of the database's clock")
                : surplus.apply(day);
    }
}
