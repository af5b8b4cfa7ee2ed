package io.gpufleet.telemetry.kafka;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.DeadLetterSink;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SourceRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RetriableException;

/**
 * Sends dead letters to the topic {@code <topic>-invalid}, at least once: the original key, value, timestamp and
 * headers, and {@link DeadLetterHeaders} that say where the record came from and why it was refused.
 *
 * <p>For plain sinks; a transactional sink keeps its dead letters itself. Thread-safe.
 */
public final class DeadLetterTopic implements DeadLetterSink, AutoCloseable {
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

    /** What lay in one topic fits into another; its broker has the last word. */
    private static final Map<String, Object> ANY_SIZE =
            Map.of(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.MAX_VALUE);

    private final String groupId;
    private final String suffix;
    private final DeadLetterHeaders names;
    private final Producer<byte[], byte[]> producer;

    DeadLetterTopic(Builder builder, Producer<byte[], byte[]> producer) {
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
        List<Future<?>> acknowledgements = new ArrayList<>();
        try {
            for (DeadLetter letter : deadLetters) {
                acknowledgements.add(producer.send(message(letter)));
            }
            for (Future<?> acknowledgement : acknowledgements) {
                acknowledgement.get();
            }
        } catch (ExecutionException e) {
            throw failure(e.getCause() == null ? e : e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SinkException(SinkException.Kind.TRANSIENT, "Sending dead letters was interrupted", e);
        } catch (RuntimeException e) {
            throw failure(e);
        }
    }

    private static SinkException failure(Throwable cause) {
        SinkException.Kind kind =
                cause instanceof RetriableException ? SinkException.Kind.TRANSIENT : SinkException.Kind.FATAL;
        return new SinkException(kind, "Dead letters were not sent: " + cause.getMessage(), cause);
    }

    private ProducerRecord<byte[], byte[]> message(DeadLetter letter) {
        SourceRecord source = letter.source();
        ProducerRecord<byte[], byte[]> message = new ProducerRecord<>(
                letter.partition().topic() + suffix,
                null,
                source.timestamp().map(time -> time.toEpochMilli()).orElse(null),
                source.key().orElse(null),
                source.value().orElse(null));
        source.headers().forEach(header -> message.headers().add(header.key(), header.value()));
        names.of(letter, groupId).forEach((name, value) -> message.headers().add(name, value));
        return message;
    }

    /** Sends what is buffered and ends the producer's thread, within 10 seconds. */
    @Override
    public void close() {
        producer.close(CLOSE_LIMIT);
    }

    /** Builds a {@link DeadLetterTopic}. Not thread-safe. */
    public static final class Builder {
        private final String bootstrapServers;
        private final String groupId;
        private String suffix = "-invalid";
        private DeadLetterHeaders names = DeadLetterHeaders.SDK;
        private Map<String, ?> overrides = Map.of();

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
            this.overrides = Map.copyOf(settings);
            return this;
        }

        /**
         * Builds the target, which starts its producer's thread.
         *
         * @return a target, to be closed
         */
        public DeadLetterTopic build() {
            return new DeadLetterTopic(
                    this, new KafkaProducer<>(ProducerProperties.of(bootstrapServers, ANY_SIZE, overrides)));
        }
    }
}
