package io.gpufleet.telemetry.kafka.producer;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.internal.Arguments;
import io.gpufleet.telemetry.kafka.internal.ClientSecrets;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * A publisher of values to a Kafka topic, a record each: idempotent, acknowledged by all replicas, with the value's
 * time as the record's timestamp.
 *
 * <pre>{@code
 * try (TelemetryPublisher<Job> publisher = TelemetryPublisher.builder(codec, "kafka:9092", "jobs")
 *         .key(Job::id)
 *         .time(Job::endedAt)
 *         .build()) {
 *     publisher.send(job).join();
 * }
 * }</pre>
 *
 * <p>A value whose future failed may have arrived: send it again with the same key and time, and let the consumer drop
 * the second one by a key of its table.
 *
 * <p>Brokers of 4.x refuse a value more than one hour ahead of their clock ({@code message.timestamp.after.max.ms}); it
 * fails with the broker's reason. A broker refuses all values of the same request: the others are sent again, once, by
 * a second producer that is started then. They arrive behind values sent meanwhile, so values of one key are in the
 * order of {@code send} only as long as none is refused. A consumer of this SDK does not depend on that order.
 *
 * <p>Thread-safe.
 *
 * @param <T> the type of the values
 */
public final class TelemetryPublisher<T> implements AutoCloseable {
    /** The settings by which buffered records are sent for as long as it takes. */
    private static final Map<String, Object> PATIENCE =
            Map.of(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Integer.MAX_VALUE);

    private final Codec<T> codec;
    private final String topic;
    private final @Nullable Function<? super T, String> key;
    private final @Nullable Function<? super T, Instant> time;
    private final String noun;
    private final RecordSender sender;

    private TelemetryPublisher(Builder<T> builder, RecordOutbox producer) {
        this.codec = builder.codec;
        this.topic = builder.topic;
        this.key = builder.key;
        this.time = builder.time;
        this.noun = builder.noun;
        this.sender = new RecordSender(producer);
    }

    /**
     * Returns a builder with the defaults.
     *
     * @param codec the codec of the values
     * @param bootstrapServers the bootstrap servers: {@code host:port}, separated by commas
     * @param topic the topic
     * @param <T> the type of the values
     * @return a builder
     */
    public static <T> Builder<T> builder(Codec<T> codec, String bootstrapServers, String topic) {
        return new Builder<>(codec, bootstrapServers, topic);
    }

    /**
     * Sends a value with the time that {@link Builder#time} finds in it; otherwise as {@link #send(Object, Instant)}.
     *
     * @param value the value
     * @return completes when all replicas have it; fails with a {@link TelemetryException} that names key and topic if
     *     it was not sent
     * @throws IllegalStateException if the publisher was built without such a function
     * @throws IllegalArgumentException if the time is before 1970, or later than Kafka counts
     */
    public CompletableFuture<Void> send(T value) {
        requireNonNull(value, "value");
        if (time == null) {
            throw new IllegalStateException(
                    "time: no function is set; send(value, time) takes the time beside the value");
        }
        return send(value, requireNonNull(time.apply(value), "time of a value"));
    }

    /**
     * Sends a value. While no broker can be reached, or the producer's buffer is full, it waits instead of losing one.
     * If the cluster answers, but has no such topic, it waits for 20 seconds; then the future fails.
     *
     * <p>An action that depends on the future may run on the producer's own thread, and a {@code send} in it would wait
     * for itself: there it waits for 20 seconds at most.
     *
     * @param value the value; an exception of the codec, or of the function for the key, is rethrown unchanged
     * @param at the value's time, to the millisecond, 1970 or later; a resend carries the same
     * @return completes when all replicas have it; fails with a {@link TelemetryException} that names key and topic if
     *     it was not sent
     * @throws IllegalArgumentException if the time is before 1970, or later than Kafka counts
     */
    public CompletableFuture<Void> send(T value, Instant at) {
        requireNonNull(value, "value");
        long millis = RecordSender.millis(at);
        String name = key == null ? null : requireNonNull(key.apply(value), "key of a value");
        byte @Nullable [] keyBytes = name == null ? null : name.getBytes(StandardCharsets.UTF_8);
        return sender.send(
                new ProducerRecord<>(topic, null, millis, keyBytes, codec.encode(value)),
                noun + (name == null ? " at " + at : " of " + name));
    }

    /** Sends a record without a value, which removes the key from a compacted topic. */
    CompletableFuture<Void> sendRemoval(String name, Instant at) {
        byte[] keyBytes = name.getBytes(StandardCharsets.UTF_8);
        byte @Nullable [] none = null;
        return sender.send(
                new ProducerRecord<>(topic, null, RecordSender.millis(at), keyBytes, none), "Removal of " + name);
    }

    /** Closes within 30 seconds; see {@link #close(Duration)}. */
    @Override
    public void close() {
        close(RecordSender.CLOSE_LIMIT);
    }

    /**
     * Sends buffered records and ends the producer's thread. On an interrupted thread it waits for nothing: values not
     * yet acknowledged fail, and the thread stays interrupted.
     *
     * @param limit the longest time for that, 0 or more
     * @return the number of values that were not acknowledged; their futures have failed
     * @throws IllegalArgumentException if the limit is negative
     */
    public long close(Duration limit) {
        return sender.close(limit);
    }

    /**
     * Builds a {@link TelemetryPublisher}. Not thread-safe.
     *
     * @param <T> the type of the values
     */
    public static final class Builder<T> {
        private final Codec<T> codec;
        private final String bootstrapServers;
        private String topic;
        private @Nullable Function<? super T, String> key;
        private @Nullable Function<? super T, Instant> time;
        private String noun = "Record";
        private Map<String, Object> preset = PATIENCE;
        private Map<String, ?> overrides = Map.of();

        private Builder(Codec<T> codec, String bootstrapServers, String topic) {
            this.codec = requireNonNull(codec, "codec");
            this.bootstrapServers = Arguments.text("bootstrapServers", bootstrapServers);
            this.topic = Arguments.topic("topic", topic);
        }

        /** Sets another topic, for a publisher that has one by default. */
        Builder<T> topic(String name) {
            this.topic = Arguments.topic("topic", name);
            return this;
        }

        /** Sets the noun for a value in the error of one that was not sent. */
        Builder<T> noun(String word) {
            this.noun = word;
            return this;
        }

        /**
         * Sets the function for the key of a record. Records of one key lie in one partition, in the order of
         * {@code send}.
         *
         * @param function finds the key in a value; it is sent in UTF-8 (default: records have no key, and the client
         *     spreads them over the partitions)
         * @return this
         */
        public Builder<T> key(Function<? super T, String> function) {
            this.key = requireNonNull(function, "function");
            return this;
        }

        /**
         * Sets the function for the time of a value, for {@link TelemetryPublisher#send(Object)}.
         *
         * @param function finds the time in a value: the same at a resend (default: none; the time is given at each
         *     {@code send})
         * @return this
         */
        public Builder<T> time(Function<? super T, Instant> function) {
            this.time = requireNonNull(function, "function");
            return this;
        }

        /**
         * Configures fewer and larger requests: a value waits for up to 100 ms for others (the client's default is 5
         * ms), a batch holds 64 KiB (16 KiB) and is compressed with LZ4 (not compressed). Settings in
         * {@link #overrides} win. Delivery is as safe as before: acks=all and idempotence stay.
         *
         * @return this
         */
        public Builder<T> throughput() {
            Map<String, Object> both = new HashMap<>(PATIENCE);
            both.putAll(ProducerProperties.THROUGHPUT);
            this.preset = both;
            return this;
        }

        /**
         * Sets further settings of the Kafka client, such as security and {@code partitioner.class}; without one, the
         * partition is the hash of the key (murmur2) modulo the number of partitions. {@code max.block.ms}, the longest
         * that {@code send} waits, and {@code delivery.timeout.ms} have no limit by default. So values buffered for a
         * topic that is deleted wait for it to come back, until the publisher is closed.
         *
         * @param settings names as in Kafka's documentation; acks, enable.idempotence, key.serializer and
         *     value.serializer are refused
         * @return this
         */
        public Builder<T> overrides(Map<String, ?> settings) {
            ProducerProperties.check(requireNonNull(settings, "settings"));
            this.overrides = ClientSecrets.wrapped(settings);
            return this;
        }

        /**
         * Builds the publisher, which starts its producer's thread.
         *
         * @return a publisher, to be closed
         * @throws TelemetryException if the client cannot be built
         */
        public TelemetryPublisher<T> build() {
            return build(RecordOutbox.start(bootstrapServers, properties()));
        }

        TelemetryPublisher<T> build(RecordOutbox producer) {
            return new TelemetryPublisher<>(this, producer);
        }

        Map<String, Object> properties() {
            return ProducerProperties.of(bootstrapServers, preset, overrides);
        }
    }
}
