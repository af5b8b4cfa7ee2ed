package io.gpufleet.telemetry.jdbc.internal;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/** Times that a column can hold and a text can show: years 1 to 9999. */
public final class StorableTime {
    private static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999Z");

    private StorableTime() {}

    /**
     * Returns a time as a parameter of a statement.
     *
     * @param name the argument's name in the error
     * @throws IllegalArgumentException if the time lies outside of the years 1 to 9999
     */
    public static OffsetDateTime of(String name, Instant time) {
        if (!isStorable(time)) {
            throw new IllegalArgumentException(name + ": " + time + " is not between the years 1 and 9999");
        }
        return OffsetDateTime.ofInstant(time, ZoneOffset.UTC);
    }

    /** Returns whether a time lies in the years 1 to 9999. */
    public static boolean isStorable(Instant time) {
        return !time.isBefore(EARLIEST) && !time.isAfter(LATEST);
    }
}
