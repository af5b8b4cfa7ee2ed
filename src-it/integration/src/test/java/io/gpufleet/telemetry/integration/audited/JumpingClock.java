package io.gpufleet.telemetry.integration.audited;

import io.gpufleet.telemetry.testkit.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** The system's clock and an offset, which a test changes by a file in the directory of its holds. Thread-safe. */
public final class JumpingClock extends Clock {
    static final String OFFSET = "clock-offset";

    /** How the line begins that tells the new offset in milliseconds. */
    static final String MOVED = "clock moved by ";

    private static final Path FILE =
            Path.of(System.getProperty(AuditedConsumer.HOLDS)).resolve(OFFSET);
    private static volatile long offsetMillis;

    static {
        Thread watch = new Thread(JumpingClock::watch, "jumping-clock");
        watch.setDaemon(true);
        watch.start();
    }

    JumpingClock() {}

    /** What {@link System#currentTimeMillis} is replaced with. */
    public static long currentTimeMillis() {
        return System.currentTimeMillis() + offsetMillis;
    }

    private static void watch() {
        while (true) {
            String changed = Await.until(
                    "another offset",
                    Duration.ofDays(1),
                    () -> Files.readString(FILE),
                    text -> Long.parseLong(text) != offsetMillis);
            offsetMillis = Long.parseLong(changed);
            System.out.println(MOVED + changed);
        }
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(currentTimeMillis());
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        throw new UnsupportedOperationException("nobody asks for another zone");
    }
}
