package io.gpufleet.telemetry.jdbc;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.config.ConsumerSettings;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the settings of the services that are asked for, and the last good ones for when the database does not answer.
 * Thread-safe.
 */
final class ConfigCache {
    private static final Logger log = LoggerFactory.getLogger(ConsumerConfigLoader.class);
    private static final int MOST_ENTRIES = 100;
    private static final Duration STALE_TIME = Duration.ofSeconds(5);

    private record Entry(ConsumerSettings settings, boolean stale) {}

    private final Function<String, ConsumerSettings> reading;
    private final Cache<String, Entry> entries;
    private final Map<String, ConsumerSettings> lastGood = new ConcurrentHashMap<>();

    ConfigCache(Function<String, ConsumerSettings> reading, Duration fresh, Ticker ticker) {
        this.reading = reading;
        this.entries = Caffeine.newBuilder()
                .maximumSize(MOST_ENTRIES)
                .ticker(ticker)
                .expireAfter(Expiry.<String, Entry>creating((service, entry) -> entry.stale() ? STALE_TIME : fresh))
                .build();
    }

    /**
     * Returns the settings of a service.
     *
     * @throws SinkException if the database does not answer and never has
     */
    ConsumerSettings get(String service) {
        return entries.get(service, this::read).settings();
    }

    /** Reads while nobody else reads the same, and a change that is heard meanwhile is waited for. */
    private Entry read(String service) {
        try {
            ConsumerSettings settings = reading.apply(service);
            lastGood.put(service, settings);
            return new Entry(settings, false);
        } catch (SinkException e) {
            ConsumerSettings known = lastGood.get(service);
            if (known == null) {
                throw e;
            }
            log.warn(
                    "Service {}: goes on with its last settings, since they cannot be read: {}",
                    service,
                    e.getMessage());
            return new Entry(known, true);
        }
    }

    void forget(String service) {
        entries.invalidate(service);
    }

    void forgetAll() {
        entries.invalidateAll();
    }
}
