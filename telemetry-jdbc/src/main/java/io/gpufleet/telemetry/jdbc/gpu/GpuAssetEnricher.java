package io.gpufleet.telemetry.jdbc.gpu;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.Ticker;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.Enricher;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.gpu.GpuAsset;
import io.gpufleet.telemetry.gpu.MetricEvent;
import io.gpufleet.telemetry.jdbc.internal.TransactionTimeouts;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The enricher of events by the assets of their GPUs. It sets {@link MetricEvent#asset()}, and in the quality of the
 * event the time and version of the enrichment, and whether an asset was found.
 *
 * <pre>{@code
 * PostgresSink.Builder<MetricEvent> sink =
 *         GpuMetricsSink.builder(dataSource).enrich(GpuAssetEnricher.create(GpuAssets.create(dataSource)));
 * }</pre>
 *
 * <p>Answers are remembered: an asset for 5 minutes, after which it is read again in the background, while events still
 * get the old one for 5 minutes more at most; that a GPU has none, for one minute. The GPUs of a batch that are not
 * remembered cost one query together, and so do those that are read again.
 *
 * <p>A failed look-up does not mean that a GPU has no asset: the event stays as it came, without a word about its
 * asset; the failure is not remembered, but the events are {@linkplain #notLookedUp() counted}, and each outage is
 * logged once. {@link Builder#retryFailedLookUps} makes the batch wait instead.
 *
 * <p>Look-ups in the background run on the common pool of the JVM, unless the builder names another executor. Each
 * look-up takes a connection, for up to 10 seconds. Thread-safe.
 */
public final class GpuAssetEnricher implements Enricher<MetricEvent> {
    /** The version of the enricher, for {@link MetricEvent.Quality#enrichmentVersion()}. */
    public static final String VERSION = "1.0";

    private static final Logger log = LoggerFactory.getLogger(GpuAssetEnricher.class);

    private final AssetCache cache;
    private final boolean retries;
    private final Clock clock;
    private final AtomicLong notLookedUp = new AtomicLong();
    private final AtomicBoolean outage = new AtomicBoolean();

    private GpuAssetEnricher(Builder builder) {
        this.cache = new AssetCache(
                builder.assets::find,
                new AssetCache.Options(
                        builder.knownFor,
                        builder.unknownFor,
                        builder.maximumGpus,
                        builder.retries,
                        builder.ticker,
                        builder.background),
                new Remarks());
        this.retries = builder.retries;
        this.clock = builder.clock;
    }

    /**
     * Returns an enricher with the default options.
     *
     * @param assets the assets
     * @return a thread-safe enricher
     */
    public static GpuAssetEnricher create(GpuAssets assets) {
        return builder(assets).build();
    }

    /**
     * Returns a builder with the default options.
     *
     * @param assets the assets
     * @return a builder
     */
    public static Builder builder(GpuAssets assets) {
        return new Builder(assets);
    }

    @Override
    public List<Delivery<MetricEvent>> enrich(List<Delivery<MetricEvent>> deliveries) {
        Set<String> uuids = deliveries.stream()
                .map(delivery -> delivery.value().gpu().uuid())
                .filter(uuid -> !uuid.isBlank())
                .collect(Collectors.toSet());
        Map<String, Optional<GpuAsset>> found = cache.find(uuids);
        return deliveries.stream().map(delivery -> enriched(delivery, found)).toList();
    }

    private Delivery<MetricEvent> enriched(Delivery<MetricEvent> delivery, Map<String, Optional<GpuAsset>> found) {
        MetricEvent event = delivery.value();
        Optional<GpuAsset> asset = found.get(event.gpu().uuid());
        if (asset == null) {
            notLookedUp.incrementAndGet();
            return delivery;
        }
        return delivery.withValue(event.toBuilder()
                .asset(asset)
                .quality(event.quality().enriched(clock.instant(), VERSION, asset.isPresent()))
                .build());
    }

    /** The log of the outages. */
    private final class Remarks implements AssetCache.Outcome {
        @Override
        public void succeeded() {
            if (outage.compareAndSet(true, false)) {
                log.info("Assets are looked up again; events without a look-up so far: {}", notLookedUp.get());
            }
        }

        @Override
        public void failed(TelemetryException failure) {
            if (outage.compareAndSet(false, true)) {
                log.warn(
                        "Assets cannot be looked up; {} until they can: {}",
                        retries ? "batches wait" : "events of GPUs that are not remembered go on without",
                        failure.getMessage());
            }
        }
    }

    /**
     * Returns the number of events whose asset could not be looked up, since the start.
     *
     * @return 0 or more; an event counts again when its batch is retried
     */
    public long notLookedUp() {
        return notLookedUp.get();
    }

    /** Builds a {@link GpuAssetEnricher}. Not thread-safe. */
    public static final class Builder {
        private final GpuAssets assets;
        private Duration knownFor = Duration.ofMinutes(5);
        private Duration unknownFor = Duration.ofMinutes(1);
        private int maximumGpus = 100_000;
        private boolean retries;
        private Executor background = ForkJoinPool.commonPool();
        private Clock clock = Clock.systemUTC();
        private Ticker ticker = Ticker.systemTicker();

        private Builder(GpuAssets assets) {
            this.assets = requireNonNull(assets, "assets");
        }

        /**
         * Sets the age at which an asset is read again.
         *
         * @param duration 1 ms or more (default: 5 min)
         * @return this
         */
        public Builder knownFor(Duration duration) {
            this.knownFor = TransactionTimeouts.check("knownFor", duration);
            return this;
        }

        /**
         * Sets the time after which a GPU without an asset is looked up again.
         *
         * @param duration 1 ms or more (default: 1 min)
         * @return this
         */
        public Builder unknownFor(Duration duration) {
            this.unknownFor = TransactionTimeouts.check("unknownFor", duration);
            return this;
        }

        /**
         * Sets the largest number of GPUs that are remembered; beyond it, those that were asked for least go.
         *
         * @param gpus 1 or more (default: 100,000, of about 1 KiB each)
         * @return this
         */
        public Builder maximumGpus(int gpus) {
            if (gpus < 1) {
                throw new IllegalArgumentException("maximumGpus: " + gpus + " is not 1 or more");
            }
            this.maximumGpus = gpus;
            return this;
        }

        /**
         * Makes a batch whose look-up failed be retried, for as long as it takes.
         *
         * @return this (default: events go on without an answer)
         */
        public Builder retryFailedLookUps() {
            this.retries = true;
            return this;
        }

        /**
         * Sets the executor of look-ups in the background.
         *
         * @param executor runs one look-up at a time (default: the common pool)
         * @return this
         */
        public Builder executor(Executor executor) {
            this.background = requireNonNull(executor, "executor");
            return this;
        }

        /**
         * Sets the clock of the time of the enrichment.
         *
         * @param source a clock (default: the system's)
         * @return this
         */
        public Builder clock(Clock source) {
            this.clock = requireNonNull(source, "source");
            return this;
        }

        Builder ticker(Ticker source) {
            this.ticker = source;
            return this;
        }

        /**
         * Builds the enricher. Nothing is read before the first batch.
         *
         * @return a thread-safe enricher
         */
        public GpuAssetEnricher build() {
            return new GpuAssetEnricher(this);
        }
    }
}
