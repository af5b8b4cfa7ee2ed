package io.gpufleet.telemetry.kafka.producer;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.internal.Arguments;
import io.gpufleet.telemetry.internal.Waits;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import io.gpufleet.telemetry.kafka.internal.ClientFactory;
import io.gpufleet.telemetry.kafka.internal.ClientSecrets;
import io.gpufleet.telemetry.kafka.internal.FailureText;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Sends heartbeats from an agent to Kafka: idempotently, acknowledged by all replicas, keyed by the client's id in
 * hexadecimal, with the heartbeat's time as the record's timestamp.
 *
 * <p>Client and time identify a heartbeat. To send one again after its future failed, send it with the same time: the
 * consumer drops the second one.
 *
 * <p>Brokers of 4.x refuse what is more than one hour ahead of their clock ({@code message.timestamp.after.max.ms}),
 * long before a consumer's validator is asked, whose limit is five minutes; such a heartbeat fails with the broker's
 * reason. A broker refuses all that came in one request with it: the others are sent again, once, by a second producer
 * that is started then. They arrive behind what was sent meanwhile, so heartbeats of one client are in the order of
 * {@code send} only as long as none is refused. A consumer of this SDK does not depend on that order.
 *
 * <p>Thread-safe.
 */
public final class HeartbeatPublisher implements AutoCloseable {
    private static final Instant LATEST = Instant.ofEpochMilli(Long.MAX_VALUE);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(30);

    /** What is buffered is sent for as long as it takes. */
    private static final Map<String, Object> PATIENCE =
            Map.of(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Integer.MAX_VALUE);

    private final Codec<Heartbeat> codec;
    private final String topic;
    private final HeartbeatOutbox producer;
    private final AtomicLong pending = new AtomicLong();

    HeartbeatPublisher(Builder builder, HeartbeatOutbox producer) {
        this.codec = builder.codec;
        this.topic = builder.topic;
        this.producer = producer;
    }

    /**
     * Starts from the defaults.
     *
     * @param codec encodes the heartbeats
     * @param bootstrapServers the brokers to ask first: {@code host:port}, separated by commas
     * @return a builder
     */
    public static Builder builder(Codec<Heartbeat> codec, String bootstrapServers) {
        return new Builder(codec, bootstrapServers);
    }

    /**
     * Sends a heartbeat. While no broker can be reached, or the producer's buffer is full, it waits instead of losing
     * one. Where the cluster answers, but has no such topic, it waits for 20 seconds; then the future fails.
     *
     * <p>An action that depends on the future may run on the producer's own thread, and a {@code send} in it would wait
     * for itself: there it waits for 20 seconds at most.
     *
     * @param heartbeat the heartbeat
     * @param time when it was taken, to the millisecond, 1970 or later; a resend carries the same
     * @return completes when all replicas have it; fails with a {@link TelemetryException} that names client and topic
     *     if it was not sent
     * @throws IllegalArgumentException if the time is before 1970, or later than Kafka counts
     */
    public CompletableFuture<Void> send(Heartbeat heartbeat, Instant time) {
        requireNonNull(heartbeat, "heartbeat");
        requireMillis(time);
        byte[] key = heartbeat.clientId().toString().getBytes(StandardCharsets.US_ASCII);
        ProducerRecord<byte[], byte[]> message =
                new ProducerRecord<>(topic, null, time.toEpochMilli(), key, codec.encode(heartbeat));
        CompletableFuture<Void> acknowledged = new CompletableFuture<>();
        pending.incrementAndGet();
        // The host may complete its future itself, so that the future does not tell what the broker said.
        AtomicBoolean settled = new AtomicBoolean();
        Callback settle = (metadata, failure) -> {
            if (settled.compareAndSet(false, true)) {
                pending.decrementAndGet();
                complete(acknowledged, heartbeat, failure);
            }
        };
        try {
            producer.send(message, settle);
        } catch (RuntimeException e) {
            settle.onCompletion(null, e);
        }
        return acknowledged;
    }

    private static void requireMillis(Instant time) {
        if (time.isBefore(Instant.EPOCH)) {
            throw new IllegalArgumentException("time: " + time + " is before 1970");
        }
        if (time.isAfter(LATEST)) {
            throw new IllegalArgumentException(
                    "time: " + time + " is after " + LATEST + ", the last that Kafka counts");
        }
    }

    private void complete(CompletableFuture<Void> acknowledged, Heartbeat heartbeat, @Nullable Exception failure) {
        if (failure == null) {
            acknowledged.complete(null);
        } else {
            acknowledged.completeExceptionally(new TelemetryException(
                    "The heartbeat of " + heartbeat.clientId() + " was not sent to " + topic + ": "
                            + FailureText.ofSending(failure),
                    failure));
        }
    }

    /** Closes within 30 seconds; see {@link #close(Duration)}. */
    @Override
    public void close() {
        close(CLOSE_LIMIT);
    }

    /**
     * Sends what is buffered and ends the producer's thread. On a thread that is interrupted it waits for nothing: what
     * is not acknowledged by then fails, and the thread stays interrupted.
     *
     * @param limit how long that may take, 0 or more
     * @return how many heartbeats were not acknowledged; their futures have failed
     * @throws IllegalArgumentException if the limit is negative
     */
    public long close(Duration limit) {
        long nanos = Waits.limit("limit", limit).toNanos();
        FutureTask<Void> flush = new FutureTask<>(producer::flush, null);
        Thread flushing = new Thread(flush, "telemetry-publisher-flush");
        flushing.setDaemon(true);
        flushing.start();
        try {
            flush.get(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // What is left is counted below.
        }
        long left = pending.get();
        producer.close(Duration.ZERO);
        return left;
    }

    /** Builds a {@link HeartbeatPublisher}. Not thread-safe. */
    public static final class Builder {
        private final Codec<Heartbeat> codec;
        private final String bootstrapServers;
        private String topic = HeartbeatConsumer.TOPIC;
        private Map<String, ?> overrides = Map.of();

        private Builder(Codec<Heartbeat> codec, String bootstrapServers) {
            this.codec = requireNonNull(codec, "codec");
            this.bootstrapServers = Arguments.text("bootstrapServers", bootstrapServers);
        }

        /**
         * Sets the topic.
         *
         * @param name the topic (default: {@value HeartbeatConsumer#TOPIC})
         * @return this
         */
        public Builder topic(String name) {
            this.topic = Arguments.topic("topic", name);
            return this;
        }

        /**
         * Sets further settings of the Kafka client, security among them. {@code max.block.ms}, the longest that
         * {@code send} waits, and {@code delivery.timeout.ms} have no limit by default. So what is buffered for a topic
         * that is deleted then waits for it to come back, until the publisher is closed.
         *
         * @param settings names as in Kafka's documentation; acks, enable.idempotence, key.serializer and
         *     value.serializer are refused
         * @return this
         */
        public Builder overrides(Map<String, ?> settings) {
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
        public HeartbeatPublisher build() {
            Map<String, Object> properties = ProducerProperties.of(bootstrapServers, PATIENCE, overrides);
            Supplier<PatientProducer> start =
                    () -> ClientFactory.client(bootstrapServers, () -> PatientProducer.start(properties));
            return new HeartbeatPublisher(this, new HeartbeatOutbox(start.get(), start));
        }
    }
}
