package io.gpufleet.telemetry.heartbeat;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

/** The day that a time belongs to, wherever the JVM and the database think they are. */
final class UtcDay {
    private UtcDay() {}

    static LocalDate of(Instant time) {
        return LocalDate.ofInstant(time, ZoneOffset.UTC);
    }
}
