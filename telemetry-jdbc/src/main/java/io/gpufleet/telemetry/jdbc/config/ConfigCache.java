package io.gpufleet.telemetry.jdbc.config;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.config.ConsumerSettings;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The settings of the requested services, with the last good ones for outages of the database. The first caller reads
 * them, outside of any lock; concurrent callers wait for the result. Settings that are forgotten during a read are read
 * again for the next caller. Thread-safe.
 */
final class ConfigCache {
    private static final Logger log = LoggerFactory.getLogger(ConfigCache.class);
    private static final int MOST_ENTRIES = 100;
    private static final Duration STALE_TIME = Duration.ofSeconds(5);

    private record Entry(ConsumerSettings settings, boolean stale) {}

    private final Function<String, ConsumerSettings> reading;
    private final AsyncCache<String, Entry> entries;
    private final Map<String, ConsumerSettings> lastGood = new ConcurrentHashMap<>();
    private final AtomicBoolean outage = new AtomicBoolean();

    ConfigCache(Function<String, ConsumerSettings> reading, Duration fresh, Ticker ticker) {
        this.reading = reading;
        this.entries = Caffeine.newBuilder()
                .maximumSize(MOST_ENTRIES)
                .ticker(ticker)
                .expireAfter(Expiry.<String, Entry>creating((service, entry) -> entry.stale() ? STALE_TIME : fresh))
                .buildAsync();
    }

    /**
     * Returns the settings of a service.
     *
     * @throws SinkException if the database does not answer and the settings were never read
     */
    ConsumerSettings get(String service) {
        CompletableFuture<Entry> mine = new CompletableFuture<>();
        CompletableFuture<Entry> others = entries.asMap().putIfAbsent(service, mine);
        if (others == null) {
            read(service, mine);
        }
        try {
            return (others == null ? mine : others).join().settings();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private void read(String service, CompletableFuture<Entry> answer) {
        try {
            answer.complete(read(service));
        } catch (RuntimeException | Error e) {
            answer.completeExceptionally(e);
        }
    }

    private Entry read(String service) {
        try {
            ConsumerSettings settings = reading.apply(service);
            lastGood.put(service, settings);
            outage.set(false);
            return new Entry(settings, false);
        } catch (SinkException e) {
            ConsumerSettings known = lastGood.get(service);
            if (known == null) {
                throw e;
            }
            if (outage.compareAndSet(false, true)) {
                log.warn("Settings cannot be read; services keep their last ones: {}", e.getMessage());
            }
            return new Entry(known, true);
        }
    }

    void forget(String service) {
        entries.synchronous().invalidate(service);
    }

    void forgetAll() {
        entries.synchronous().invalidateAll();
    }
}
