package io.gpufleet.telemetry.kafka.producer;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.gpu.GpuAsset;
import io.gpufleet.telemetry.internal.Arguments;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * A publisher of assets to their compacted topic: a {@link TelemetryPublisher} with the GPU's UUID as the key, and the
 * time of sending as the record's timestamp. Kafka keeps the newest asset of each GPU; a removal deletes it.
 *
 * <pre>{@code
 * try (GpuAssetPublisher publisher =
 *         GpuAssetPublisher.builder(GpuAssetJsonCodec.create(), "localhost:9092").build()) {
 *     publisher.send(asset).join();
 *     publisher.remove("GPU-…").join();
 * }
 * }</pre>
 *
 * <p>An asset or a removal whose future failed may have arrived; sending it again does no harm. While no broker can be
 * reached, or the producer's buffer is full, {@code send} waits instead of losing one. Thread-safe.
 */
public final class GpuAssetPublisher implements AutoCloseable {
    /** The topic that is used unless another one is named. */
    public static final String TOPIC = "gpu-assets";

    private final TelemetryPublisher<GpuAsset> publisher;
    private final Clock clock = Clock.systemUTC();

    private GpuAssetPublisher(TelemetryPublisher<GpuAsset> publisher) {
        this.publisher = publisher;
    }

    /**
     * Returns a builder with the defaults.
     *
     * @param codec the codec of the assets
     * @param bootstrapServers the bootstrap servers: {@code host:port}, separated by commas
     * @return a builder
     */
    public static Builder builder(Codec<GpuAsset> codec, String bootstrapServers) {
        return new Builder(codec, bootstrapServers);
    }

    /**
     * Sends an asset, which replaces the one that the topic has of this GPU.
     *
     * @param asset the asset
     * @return completes when all replicas have it; fails with a {@link TelemetryException} that names GPU and topic if
     *     it was not sent
     */
    public CompletableFuture<Void> send(GpuAsset asset) {
        return publisher.send(requireNonNull(asset, "asset"), clock.instant());
    }

    /**
     * Sends the removal of an asset: a tombstone, a record without a value.
     *
     * @param uuid the GPU's UUID, not blank
     * @return completes when all replicas have it; fails as that of {@link #send}
     */
    public CompletableFuture<Void> remove(String uuid) {
        return publisher.sendRemoval(Arguments.text("uuid", uuid), clock.instant());
    }

    /** Closes within 30 seconds; see {@link #close(Duration)}. */
    @Override
    public void close() {
        publisher.close();
    }

    /**
     * Sends buffered records and ends the producer's thread, as {@link TelemetryPublisher#close(Duration)}.
     *
     * @param limit the longest time for that, 0 or more
     * @return the number of assets and removals that were not acknowledged; their futures have failed
     * @throws IllegalArgumentException if the limit is negative
     */
    public long close(Duration limit) {
        return publisher.close(limit);
    }

    /** Builds a {@link GpuAssetPublisher}. Not thread-safe. */
    public static final class Builder {
        private final TelemetryPublisher.Builder<GpuAsset> builder;

        private Builder(Codec<GpuAsset> codec, String bootstrapServers) {
            this.builder = TelemetryPublisher.builder(codec, bootstrapServers, TOPIC)
                    .key(GpuAsset::uuid)
                    .noun("Asset");
        }

        /**
         * Sets the topic.
         *
         * @param name the topic (default: {@value GpuAssetPublisher#TOPIC})
         * @return this
         */
        public Builder topic(String name) {
            builder.topic(name);
            return this;
        }

        /**
         * Configures fewer and larger requests, see {@link TelemetryPublisher.Builder#throughput()}.
         *
         * @return this
         */
        public Builder throughput() {
            builder.throughput();
            return this;
        }

        /**
         * Sets further settings of the Kafka client, see {@link TelemetryPublisher.Builder#overrides}.
         *
         * @param settings names as in Kafka's documentation; acks, enable.idempotence, key.serializer and
         *     value.serializer are refused
         * @return this
         */
        public Builder overrides(Map<String, ?> settings) {
            builder.overrides(settings);
            return this;
        }

        /**
         * Builds the publisher, which starts its producer's thread.
         *
         * @return a publisher, to be closed
         * @throws TelemetryException if the client cannot be built
         */
        public GpuAssetPublisher build() {
            return new GpuAssetPublisher(builder.build());
        }

        GpuAssetPublisher build(RecordOutbox producer) {
            return new GpuAssetPublisher(builder.build(producer));
        }
    }
}
