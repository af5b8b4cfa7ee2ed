package io.gpufleet.telemetry.integration.audited;

import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.faults.JumpingClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** The clock of a JVM, moved by a file in the directory of its holds. Thread-safe. */
public final class MovedClock {
    static final String OFFSET = "clock-offset";

    /** The begin of the line with the new offset in milliseconds. */
    static final String MOVED = "clock moved by ";

    static final JumpingClock CLOCK = JumpingClock.create();

    private static final Path FILE =
            Path.of(System.getProperty(AuditedConsumer.HOLDS)).resolve(OFFSET);

    static {
        Thread watch = new Thread(MovedClock::watch, "moved-clock");
        watch.setDaemon(true);
        watch.start();
    }

    private MovedClock() {}

    /** Replaces {@link System#currentTimeMillis}. */
    public static long currentTimeMillis() {
        return CLOCK.millis();
    }

    private static void watch() {
        while (true) {
            Duration wanted = Await.until(
                    "another offset",
                    Duration.ofDays(1),
                    () -> Duration.ofMillis(Long.parseLong(Files.readString(FILE))),
                    offset -> !offset.equals(CLOCK.offset()));
            CLOCK.jump(wanted.minus(CLOCK.offset()));
            System.out.println(MOVED + wanted.toMillis());
        }
    }
}
