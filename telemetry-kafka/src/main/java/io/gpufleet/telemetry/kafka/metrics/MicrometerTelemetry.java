package io.gpufleet.telemetry.kafka.metrics;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.internal.Onlooker;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.internal.ClientObserver;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The meters of one {@link BatchingConsumer} in the host's registry: its own as {@code telemetry.*}, and Kafka's
 * metrics of its client as {@code kafka.consumer.*}. Needs {@code io.micrometer:micrometer-core}.
 *
 * <pre>{@code
 * BatchingConsumer.builder(codec, sink).listener(MicrometerTelemetry.create(registry))
 * }</pre>
 *
 * <p>Consecutive consumers may share it. Two consumers at the same time need one each, with a {@linkplain Builder#tag
 * tag} that distinguishes them. Add it by its own call of {@code listener}: inside another listener it sees neither the
 * client nor the buffered bytes.
 *
 * <p>Micrometer looks every minute for new metrics of the client, in a daemon thread of its own that ends with the
 * client. A failure in the registry is logged once and never disturbs the consumer. Thread-safe.
 */
public final class MicrometerTelemetry extends ClientObserver {
    private static final Logger log = LoggerFactory.getLogger(MicrometerTelemetry.class);

    private final MeterRegistry registry;
    private final Tags tags;
    private final EventMeters meters;
    private final AtomicReference<@Nullable ObservedClient> current = new AtomicReference<>();
    private final Onlooker onlooker = new Onlooker(log, "Meter cannot be updated");

    private MicrometerTelemetry(MeterRegistry registry, Tags tags) {
        this.registry = registry;
        this.tags = tags;
        this.meters = new EventMeters(registry, tags);
        Gauge.builder("telemetry.buffered.bytes", current, MicrometerTelemetry::bufferedBytes)
                .description("polled records that are not durable yet, with the objects that hold them")
                .baseUnit("bytes")
                .tags(tags)
                .register(registry);
    }

    /**
     * Registers the meters, without tags of their own.
     *
     * @param registry the host's meter registry
     * @return a listener for one consumer
     */
    public static MicrometerTelemetry create(MeterRegistry registry) {
        return builder(registry).build();
    }

    /**
     * Returns a builder without tags.
     *
     * @param registry the host's meter registry
     * @return a builder
     */
    public static Builder builder(MeterRegistry registry) {
        return new Builder(registry);
    }

    @Override
    public void on(TelemetryEvent event) {
        onlooker.call(() -> meters.on(event));
    }

    @Override
    protected void opened(Consumer<?, ?> client, LongSupplier bufferedBytes) {
        ObservedClient next = new ObservedClient(client, bufferedBytes, new KafkaClientMetrics(client, tags));
        ObservedClient previous = current.getAndSet(next);
        // First: both may have meters of the same name and tags, of which the second to register gets none of its own.
        if (previous != null) {
            onlooker.call(previous.metrics()::close);
        }
        onlooker.call(() -> next.metrics().bindTo(registry));
    }

    @Override
    protected void closed(Consumer<?, ?> client) {
        ObservedClient observed = current.get();
        if (observed != null && observed.client() == client && current.compareAndSet(observed, null)) {
            onlooker.call(observed.metrics()::close);
        }
    }

    private static double bufferedBytes(AtomicReference<@Nullable ObservedClient> current) {
        ObservedClient observed = current.get();
        return observed == null ? Double.NaN : observed.bufferedBytes().getAsLong();
    }

    private record ObservedClient(Consumer<?, ?> client, LongSupplier bufferedBytes, KafkaClientMetrics metrics) {}

    /** Builds a {@link MicrometerTelemetry}. Not thread-safe. */
    public static final class Builder {
        private final MeterRegistry registry;
        private Tags tags = Tags.empty();

        private Builder(MeterRegistry registry) {
            this.registry = requireNonNull(registry, "registry");
        }

        /**
         * Adds a tag to every meter, Kafka's among them.
         *
         * @param key its name
         * @param value its value
         * @return this
         */
        public Builder tag(String key, String value) {
            this.tags = tags.and(requireNonNull(key, "key"), requireNonNull(value, "value"));
            return this;
        }

        /**
         * Registers the meters.
         *
         * @return a listener for one consumer
         */
        public MicrometerTelemetry build() {
            return new MicrometerTelemetry(registry, tags);
        }
    }
}
