package io.gpufleet.telemetry.examples.rest.ingest;

import io.gpufleet.telemetry.examples.rest.ApiSettings;
import io.gpufleet.telemetry.kafka.producer.GpuSamplePublisher;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.jspecify.annotations.Nullable;

/**
 * The publisher from the first sample on: the service answers questions, too, while Kafka's address cannot be resolved.
 * Thread-safe.
 */
final class LazyPublisher implements AutoCloseable {
    /** All together end before the wait of a request does. */
    private static final Map<String, Object> PATIENCE = Map.of(
            ProducerConfig.MAX_BLOCK_MS_CONFIG, 2_000,
            ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 3_000,
            ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 6_500,
            ProducerConfig.LINGER_MS_CONFIG, 5);

    private final ApiSettings settings;
    private final Object lock = new Object();
    private @Nullable GpuSamplePublisher publisher;

    LazyPublisher(ApiSettings settings) {
        this.settings = settings;
    }

    /**
     * Returns the publisher.
     *
     * @throws io.gpufleet.telemetry.TelemetryException if it cannot be built
     */
    GpuSamplePublisher get() {
        synchronized (lock) {
            if (publisher == null) {
                publisher = build();
            }
            return publisher;
        }
    }

    private GpuSamplePublisher build() {
        Map<String, Object> overrides = new HashMap<>(PATIENCE);
        overrides.putAll(settings.kafka().clientProperties());
        return GpuSamplePublisher.builder(settings.kafka().bootstrapServers())
                .topic(settings.topic())
                .overrides(overrides)
                .build();
    }

    @Override
    public void close() {
        synchronized (lock) {
            if (publisher != null) {
                publisher.close();
            }
        }
    }
}
