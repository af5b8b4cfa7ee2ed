package io.gpufleet.telemetry.kafka;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.DeadLetterSink;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Sends dead letters to the topic {@code <topic>-invalid}, at least once: the original key, value, timestamp and
 * headers, and {@link DeadLetterHeaders} that say where the record came from and why it was refused.
 *
 * <p>For plain sinks; a transactional sink keeps its dead letters itself. Thread-safe.
 */
public final class DeadLetterTopic implements DeadLetterSink, AutoCloseable {
    private final String groupId;
    private final String suffix;
    private final DeadLetterHeaders names;
    private final LetterProducer producer;

    DeadLetterTopic(Builder builder, Producer<byte[], byte[]> producer) {
        this(builder, new LetterProducer(producer));
    }

    private DeadLetterTopic(Builder builder, LetterProducer producer) {
        this.groupId = builder.groupId;
        this.suffix = builder.suffix;
        this.names = builder.names;
        this.producer = producer;
    }

    /**
     * Starts from the defaults.
     *
     * @param bootstrapServers the brokers to ask first: {@code host:port}, separated by commas
     * @param groupId the consumer group, to be named in the headers
     * @return a builder
     */
    public static Builder builder(String bootstrapServers, String groupId) {
        return new Builder(bootstrapServers, groupId);
    }

    @Override
    public void write(List<DeadLetter> deadLetters) {
        producer.send(deadLetters, this::message);
    }

    private ProducerRecord<byte[], byte[]> message(DeadLetter letter) {
        ProducerRecord<byte[], byte[]> message =
                LetterProducer.message(letter, letter.partition().topic() + suffix, null);
        names.of(letter, groupId).forEach((name, value) -> message.headers().add(name, value));
        return message;
    }

    /** Sends what is buffered and ends the producer's thread, within 10 seconds. */
    @Override
    public void close() {
        producer.close();
    }

    /** Builds a {@link DeadLetterTopic}. Not thread-safe. */
    public static final class Builder {
        private final String bootstrapServers;
        private final String groupId;
        private String suffix = "-invalid";
        private DeadLetterHeaders names = DeadLetterHeaders.SDK;
        private Map<String, Object> overrides = Map.of();

        private Builder(String bootstrapServers, String groupId) {
            this.bootstrapServers = requireNonNull(bootstrapServers, "bootstrapServers");
            this.groupId = requireNonNull(groupId, "groupId");
        }

        /**
         * Sets what is put behind the name of the record's topic.
         *
         * @param text not empty (default: {@code -invalid})
         * @return this
         */
        public Builder suffix(String text) {
            if (text.isEmpty()) {
                throw new IllegalArgumentException("suffix: empty; dead letters would go to the topic they come from");
            }
            this.suffix = text;
            return this;
        }

        /**
         * Sets the names of the headers.
         *
         * @param headers the names (default: {@link DeadLetterHeaders#SDK})
         * @return this
         */
        public Builder headers(DeadLetterHeaders headers) {
            this.names = requireNonNull(headers, "headers");
            return this;
        }

        /**
         * Sets further settings of the Kafka client, security among them.
         *
         * @param settings names as in Kafka's documentation; acks, enable.idempotence, key.serializer and
         *     value.serializer are refused
         * @return this
         */
        public Builder overrides(Map<String, ?> settings) {
            ProducerProperties.check(settings);
            this.overrides = ClientSecrets.wrapped(settings);
            return this;
        }

        /**
         * Builds the target, which starts its producer's thread.
         *
         * @return a target, to be closed
         * @throws io.gpufleet.telemetry.TelemetryException if the client cannot be built
         */
        public DeadLetterTopic build() {
            return new DeadLetterTopic(this, LetterProducer.start(bootstrapServers, overrides));
        }
    }
}
