package io.gpufleet.telemetry.jdbc.query;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * The bounds of a question, both inclusive, to the microsecond. Immutable.
 *
 * @param from the first instant; absent for a day before the last one
 * @param to the last instant; absent for now
 */
record TimeRange(Optional<Instant> from, Optional<Instant> to) {
    /** The last instant of the database's calendar that a question may name. */
    static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999999Z");

    private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Duration DEFAULT = Duration.ofHours(24);

    TimeRange(Optional<Instant> from, Optional<Instant> to) {
        if (from.isPresent() && to.isPresent() && to.get().isBefore(from.get())) {
            throw new InvalidQueryException("end_time", "end_time " + to.get() + " is before start_time " + from.get());
        }
        this.from = from.map(TimeRange::firstStored);
        this.to = to.map(time -> time.truncatedTo(ChronoUnit.MICROS)).map(TimeRange::storable);
    }

    /** Returns this range with both bounds, as of a time. No time is between two bounds within a microsecond. */
    TimeRange at(Instant now) {
        if (from.isPresent() && to.isPresent()) {
            return this;
        }
        Instant end = to.orElse(now);
        return between(from.orElse(end.minus(DEFAULT)), end);
    }

    /** Returns the first time that is stored and not older than an age. */
    static Instant since(Instant now, Duration age) {
        return age.compareTo(Duration.between(FIRST, now)) < 0 ? firstStored(now.minus(age)) : FIRST;
    }

    static TimeRange between(Instant from, Instant to) {
        return new TimeRange(Optional.of(from), Optional.of(to));
    }

    Instant start() {
        return from.orElseThrow();
    }

    Instant end() {
        return to.orElseThrow();
    }

    /** Returns the first time from a time on that a column can hold. */
    static Instant firstStored(Instant time) {
        return up(storable(time));
    }

    private static Instant up(Instant time) {
        Instant down = time.truncatedTo(ChronoUnit.MICROS);
        return down.equals(time) ? time : down.plus(1, ChronoUnit.MICROS);
    }

    private static Instant storable(Instant time) {
        return time.isBefore(FIRST) ? FIRST : time.isAfter(LAST) ? LAST : time;
    }
}
