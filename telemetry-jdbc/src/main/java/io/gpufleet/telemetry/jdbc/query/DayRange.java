package io.gpufleet.telemetry.jdbc.query;

import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * The days of a question, with both ends. Immutable.
 *
 * @param from the first day; absent for some days with the last one
 * @param to the last day; absent for today
 */
record DayRange(Optional<LocalDate> from, Optional<LocalDate> to) {
    private static final LocalDate FIRST = LocalDate.of(1, 1, 1);
    private static final LocalDate LAST = LocalDate.of(9999, 12, 31);

    DayRange(Optional<LocalDate> from, Optional<LocalDate> to) {
        if (from.isPresent() && to.isPresent()) {
            require(from.get(), to.get());
        }
        this.from = from.map(DayRange::storable);
        this.to = to.map(DayRange::storable);
    }

    private static void require(LocalDate from, LocalDate to) {
        if (to.isBefore(from)) {
            throw new InvalidQueryException("to", "to " + to + " is before from " + from);
        }
        long days = ChronoUnit.DAYS.between(from, to) + 1;
        if (days > DailyQuery.MAX_DAYS) {
            throw new InvalidQueryException(
                    "from",
                    "from " + from + " to " + to + " are " + days + " days, of which " + DailyQuery.MAX_DAYS
                            + " are allowed");
        }
    }

    private static LocalDate storable(LocalDate day) {
        return day.isBefore(FIRST) ? FIRST : day.isAfter(LAST) ? LAST : day;
    }

    /** Returns this range with both ends, as of a day. */
    DayRange at(LocalDate today) {
        LocalDate last = to.orElse(today);
        LocalDate first = from.orElse(last.minusDays(DailyQuery.DEFAULT_DAYS - 1L));
        return new DayRange(Optional.of(first), Optional.of(last));
    }

    LocalDate first() {
        return from.orElseThrow();
    }

    LocalDate last() {
        return to.orElseThrow();
    }
}
