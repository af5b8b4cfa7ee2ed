package io.gpufleet.telemetry.heartbeat;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

/** The UTC day of a time, independent of the time zones of JVM and database. */
final class UtcDay {
    private UtcDay() {}

    static LocalDate of(Instant time) {
        return LocalDate.ofInstant(time, ZoneOffset.UTC);
    }
}
