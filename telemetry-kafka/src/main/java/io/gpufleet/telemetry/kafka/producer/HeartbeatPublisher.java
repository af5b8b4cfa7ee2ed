package io.gpufleet.telemetry.kafka.producer;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * A publisher of heartbeats from an agent to Kafka: a {@link TelemetryPublisher} with the fleet's topic and the fleet's
 * key, the client's id in hexadecimal. Records are sent idempotently, acknowledged by all replicas, with the
 * heartbeat's time as their timestamp.
 *
 * <pre>{@code
 * try (HeartbeatPublisher publisher =
 *         HeartbeatPublisher.builder(BincodeHeartbeatCodec.fixed(), "localhost:9092").build()) {
 *     publisher.send(heartbeat, Instant.now()).join();
 * }
 * }</pre>
 *
 * <p>Client and time identify a heartbeat. To send one again after its future failed, send it with the same time: the
 * consumer drops the second one.
 *
 * <p>Brokers of 4.x refuse a heartbeat more than one hour ahead of their clock
 * ({@code message.timestamp.after.max.ms}), long before a consumer's validator sees it, whose limit is five minutes; it
 * fails with the broker's reason. {@link TelemetryPublisher} describes the consequence for the other heartbeats of its
 * request, which the broker refuses too.
 *
 * <p>Thread-safe.
 */
public final class HeartbeatPublisher implements AutoCloseable {
    private final TelemetryPublisher<Heartbeat> publisher;

    private HeartbeatPublisher(TelemetryPublisher<Heartbeat> publisher) {
        this.publisher = publisher;
    }

    /**
     * Returns a builder with the defaults.
     *
     * @param codec the codec of the heartbeats
     * @param bootstrapServers the bootstrap servers: {@code host:port}, separated by commas
     * @return a builder
     */
    public static Builder builder(Codec<Heartbeat> codec, String bootstrapServers) {
        return new Builder(codec, bootstrapServers);
    }

    /**
     * Sends a heartbeat. While no broker can be reached, or the producer's buffer is full, it waits instead of losing
     * one. If the cluster answers, but has no such topic, it waits for 20 seconds; then the future fails.
     *
     * <p>An action that depends on the future may run on the producer's own thread, and a {@code send} in it would wait
     * for itself: there it waits for 20 seconds at most.
     *
     * @param heartbeat the heartbeat
     * @param time the time of the heartbeat, to the millisecond, 1970 or later; a resend carries the same
     * @return completes when all replicas have it; fails with a {@link TelemetryException} that names client and topic
     *     if it was not sent
     * @throws IllegalArgumentException if the time is before 1970, or later than Kafka counts
     */
    public CompletableFuture<Void> send(Heartbeat heartbeat, Instant time) {
        return publisher.send(requireNonNull(heartbeat, "heartbeat"), time);
    }

    /** Closes within 30 seconds; see {@link #close(Duration)}. */
    @Override
    public void close() {
        publisher.close();
    }

    /**
     * Sends buffered records and ends the producer's thread. On an interrupted thread it waits for nothing: heartbeats
     * not yet acknowledged fail, and the thread stays interrupted.
     *
     * @param limit the longest time for that, 0 or more
     * @return the number of heartbeats that were not acknowledged; their futures have failed
     * @throws IllegalArgumentException if the limit is negative
     */
    public long close(Duration limit) {
        return publisher.close(limit);
    }

    /** Builds a {@link HeartbeatPublisher}. Not thread-safe. */
    public static final class Builder {
        private final TelemetryPublisher.Builder<Heartbeat> builder;

        private Builder(Codec<Heartbeat> codec, String bootstrapServers) {
            this.builder = TelemetryPublisher.builder(codec, bootstrapServers, HeartbeatConsumer.TOPIC)
                    .key(heartbeat -> heartbeat.clientId().toString())
                    .noun("Heartbeat");
        }

        /**
         * Sets the topic.
         *
         * @param name the topic (default: {@value HeartbeatConsumer#TOPIC})
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
         * Sets further settings of the Kafka client, such as security. {@code max.block.ms}, the longest that
         * {@code send} waits, and {@code delivery.timeout.ms} have no limit by default. So heartbeats buffered for a
         * topic that is deleted wait for it to come back, until the publisher is closed.
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
        public HeartbeatPublisher build() {
            return new HeartbeatPublisher(builder.build());
        }

        HeartbeatPublisher build(RecordOutbox producer) {
            return new HeartbeatPublisher(builder.build(producer));
        }
    }
}
