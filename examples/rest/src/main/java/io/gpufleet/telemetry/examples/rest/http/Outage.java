package io.gpufleet.telemetry.examples.rest.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of a database that is away or refuses questions: each cause has one line in half a minute, however many ask.
 * Thread-safe.
 */
final class Outage {
    private static final Logger LOG = LoggerFactory.getLogger(Outage.class);
    private static final Duration INTERVAL = Duration.ofSeconds(30);
    private static final int MOST_CAUSES = 100;
    private static final String AWAY = "away";

    private final Cache<String, Boolean> told = Caffeine.newBuilder()
            .expireAfterWrite(INTERVAL)
            .maximumSize(MOST_CAUSES)
            .build();

    /** Tells of a database that is away, whose words differ from question to question. */
    void tellAway(Throwable failure) {
        if (isDue(AWAY)) {
            LOG.warn("Questions fail, and are answered with 503 until the database is back: {}", failure.toString());
        }
    }

    void tellRefused(Throwable failure) {
        String words = failure.toString();
        if (isDue(words)) {
            LOG.warn("Database refuses a question, which is answered with 503 until it is allowed: {}", words);
        }
    }

    private boolean isDue(String cause) {
        return told.asMap().putIfAbsent(cause, true) == null;
    }
}
