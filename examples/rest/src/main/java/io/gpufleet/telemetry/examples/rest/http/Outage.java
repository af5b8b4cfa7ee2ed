package io.gpufleet.telemetry.examples.rest.http;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The log of a database that is away: one line in half a minute, however many ask. Thread-safe. */
final class Outage {
    private static final Logger LOG = LoggerFactory.getLogger(Outage.class);
    private static final long INTERVAL_NANOS = Duration.ofSeconds(30).toNanos();

    private final AtomicLong next = new AtomicLong(System.nanoTime());

    void tell(Throwable failure) {
        long now = System.nanoTime();
        long due = next.get();
        if (now - due >= 0 && next.compareAndSet(due, now + INTERVAL_NANOS)) {
            LOG.warn("Questions fail, and are answered with 503 until the database is back: {}", failure.toString());
        }
    }
}
