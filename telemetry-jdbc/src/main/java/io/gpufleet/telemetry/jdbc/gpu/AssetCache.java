package io.gpufleet.telemetry.jdbc.gpu;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.gpu.GpuAsset;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * The assets of GPUs that were asked for lately, and the GPUs without one. All misses of a batch are one look-up, and
 * so are all known assets that are due to be read again, in the background: meanwhile the old ones are handed out.
 * Caffeine would read each due key by itself. A failed look-up is not remembered. Thread-safe.
 */
final class AssetCache {
    private static final int STALE_TIMES = 2;

    private final Function<Set<String>, Map<String, GpuAsset>> lookUp;
    private final Options options;
    private final Outcome outcome;
    private final Cache<String, Entry> entries;
    private final AtomicBoolean refreshing = new AtomicBoolean();

    AssetCache(Function<Set<String>, Map<String, GpuAsset>> lookUp, Options options, Outcome outcome) {
        this.lookUp = lookUp;
        this.options = options;
        this.outcome = outcome;
        this.entries = Caffeine.newBuilder()
                .maximumSize(options.maximumGpus)
                .ticker(options.ticker)
                .expireAfter(Expiry.<String, Entry>writing((uuid, entry) -> options.kept(entry)))
                .build();
    }

    /**
     * The options of a cache.
     *
     * @param known the age at which a known asset is read again
     * @param unknown the time for which a GPU is known to have no asset
     * @param maximumGpus the largest number of GPUs
     * @param retries whether a failed look-up that was waited for is thrown
     * @param ticker the source of time
     * @param background runs look-ups of due assets, while batches go on
     */
    record Options(
            Duration known, Duration unknown, int maximumGpus, boolean retries, Ticker ticker, Executor background) {
        Duration kept(Entry entry) {
            return entry.asset.isPresent() ? known.multipliedBy(STALE_TIMES) : unknown;
        }
    }

    /** The answer about a GPU, and when it was given. */
    record Entry(Optional<GpuAsset> asset, long readAtNanos) {}

    /** A receiver of the outcomes of look-ups. Thread-safe. */
    interface Outcome {
        void succeeded();

        void failed(TelemetryException failure);
    }

    /**
     * Returns what is known of GPUs: an asset, none, or nothing at all about a GPU whose look-up failed.
     *
     * @throws TelemetryException if it failed, and is to be retried
     */
    Map<String, Optional<GpuAsset>> find(Set<String> uuids) {
        Map<String, Entry> found = new HashMap<>(entries.getAllPresent(uuids));
        List<String> missing =
                uuids.stream().filter(uuid -> !found.containsKey(uuid)).toList();
        if (!missing.isEmpty()) {
            requireAnswer(read(Set.copyOf(missing), found));
        }
        refresh(found);
        Map<String, Optional<GpuAsset>> answers = new HashMap<>();
        found.forEach((uuid, entry) -> answers.put(uuid, entry.asset));
        return answers;
    }

    private void requireAnswer(Optional<TelemetryException> failure) {
        if (options.retries && failure.isPresent()) {
            throw failure.get();
        }
    }

    /** Reads assets, and returns the failure if that is impossible. */
    private Optional<TelemetryException> read(Set<String> uuids, Map<String, Entry> into) {
        long now = options.ticker.read();
        Map<String, GpuAsset> assets;
        try {
            assets = lookUp.apply(uuids);
        } catch (TelemetryException e) {
            outcome.failed(e);
            return Optional.of(e);
        }
        outcome.succeeded();
        for (String uuid : uuids) {
            Entry entry = new Entry(Optional.ofNullable(assets.get(uuid)), now);
            entries.put(uuid, entry);
            into.put(uuid, entry);
        }
        return Optional.empty();
    }

    /** Reads due assets again in the background, unless others are being read. */
    private void refresh(Map<String, Entry> found) {
        long now = options.ticker.read();
        Map<String, Entry> due = new HashMap<>();
        found.forEach((uuid, entry) -> {
            if (entry.asset.isPresent() && now - entry.readAtNanos >= options.known.toNanos()) {
                due.put(uuid, entry);
            }
        });
        if (due.isEmpty() || !refreshing.compareAndSet(false, true)) {
            return;
        }
        try {
            options.background.execute(() -> refreshNow(due));
        } catch (RejectedExecutionException e) {
            refreshing.set(false);
        }
    }

    private void refreshNow(Map<String, Entry> due) {
        try {
            read(Set.copyOf(due.keySet()), due);
        } finally {
            refreshing.set(false);
        }
    }
}
