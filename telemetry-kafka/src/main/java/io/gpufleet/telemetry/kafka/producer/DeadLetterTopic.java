package io.gpufleet.telemetry.kafka.producer;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.DeadLetterSink;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.internal.Arguments;
import io.gpufleet.telemetry.kafka.internal.ClientSecrets;
import io.gpufleet.telemetry.kafka.internal.FailureText;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.internals.Topic;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A sink that sends dead letters to a topic, at least once: the original key, value, timestamp and headers, and
 * {@link DeadLetterHeaders} with the origin of the record and the reasons of its refusal. The topic is
 * {@code <topic>-invalid}; for records of {@code gpu-metrics-raw} it is {@value #OF_GPU_SAMPLES}, as in the
 * {@link io.gpufleet.telemetry.kafka.topic.TopicCatalogue}.
 *
 * <pre>{@code
 * try (DeadLetterTopic letters = DeadLetterTopic.builder("localhost:9092", "my-group").build();
 *         BatchingConsumer consumer = BatchingConsumer.builder(codec, plainSink)
 *                 .bootstrapServers("localhost:9092")
 *                 .topics("jobs")
 *                 .groupId("my-group")
 *                 .deadLetters(letters)
 *                 .start()) {
 *     consumer.termination().join();
 * }
 * }</pre>
 *
 * <p>A letter that the topic, or a limit of the client, refuses for its own fault is sent without the refused part: the
 * value, then the headers, then the key if it is too large ({@code max.message.bytes}); the timestamp if it is too
 * early or too late (brokers of 4.x refuse more than one hour ahead); for a topic that demands a key, the key is the
 * record's place, {@code topic-partition@offset}. A header ({@code __dlq.errors.left.out} and its like) then lists the
 * left-out parts, their sizes and the place of the record. So no dead letter stops its consumer; only a topic does that
 * refuses even the rest, which is less than 4 KiB and the group's name.
 *
 * <p>The topic must exist, unless the cluster creates topics by itself: without a topic, a write fails after 20 seconds
 * ({@code max.block.ms}), and the consumer ends after the attempts of its failure policy.
 *
 * <p>For plain sinks; a transactional sink keeps its dead letters itself. Thread-safe.
 */
public final class DeadLetterTopic implements DeadLetterSink, AutoCloseable {
    /** The topic of the dead letters of {@code gpu-metrics-raw}. */
    public static final String OF_GPU_SAMPLES = "gpu-metrics-invalid";

    private static final Logger log = LoggerFactory.getLogger(DeadLetterTopic.class);

    private static final String RAW = "gpu-metrics-raw";

    private final String groupId;
    private final UnaryOperator<String> destination;
    private final DeadLetterHeaders names;
    private final LetterProducer producer;
    private final AtomicBoolean reducedBefore = new AtomicBoolean();

    DeadLetterTopic(Builder builder, Producer<byte[], byte[]> producer) {
        this(builder, builder.destination(), new LetterProducer(producer));
    }

    private DeadLetterTopic(Builder builder, UnaryOperator<String> destination, LetterProducer producer) {
        this.groupId = builder.groupId;
        this.destination = destination;
        this.names = builder.names;
        this.producer = producer;
    }

    /**
     * Returns a builder with the defaults.
     *
     * @param bootstrapServers the bootstrap servers: {@code host:port}, separated by commas
     * @param groupId the consumer group, named in the headers
     * @return a builder
     */
    public static Builder builder(String bootstrapServers, String groupId) {
        return new Builder(bootstrapServers, groupId);
    }

    @Override
    public void write(List<DeadLetter> deadLetters) {
        producer.send(deadLetters, letter -> message(ReducedLetter.of(letter)))
                .forEach((letter, refusal) -> reduce(ReducedLetter.of(letter), letter, refusal));
    }

    /** Leaves out one part after the other, until the topic accepts the rest. */
    private void reduce(ReducedLetter refused, DeadLetter letter, Throwable refusal) {
        ReducedLetter reduced = refused.without(refusal).orElseThrow(() -> misfit(letter, refused, refusal));
        Throwable further =
                producer.send(List.of(letter), same -> message(reduced)).get(letter);
        if (further != null) {
            reduce(reduced, letter, further);
        } else if (reducedBefore.compareAndSet(false, true)) {
            log.warn(
                    "Topic {} refused the dead letter of {}: {}; it was sent without the refused part, which the"
                            + " header {} names. Further ones are not reported",
                    topic(letter),
                    letter.source(),
                    FailureText.ofSending(refusal),
                    names.leftOut());
        }
    }

    private SinkException misfit(DeadLetter letter, ReducedLetter reduced, Throwable refusal) {
        return new SinkException(
                SinkException.Kind.FATAL,
                "Topic " + topic(letter) + " refuses the dead letter of " + letter.source()
                        + reduced.note()
                                .map(leftOut -> ", also without " + leftOut)
                                .orElse("") + ": "
                        + FailureText.ofSending(refusal),
                refusal);
    }

    private String topic(DeadLetter letter) {
        return destination.apply(letter.partition().topic());
    }

    /**
     * Checks that letters of all topics can be sent.
     *
     * @param topics the topics that are consumed
     * @throws IllegalStateException if Kafka does not allow the name of a topic of their dead letters, or if dead
     *     letters would go back to a topic that is consumed
     */
    public void requireNames(Collection<String> topics) {
        for (String topic : topics) {
            String letters = destination.apply(topic);
            if (letters.equals(topic)) {
                throw new IllegalStateException("deadLetters: the dead letters of topic " + topic
                        + " would go back to it, as it is consumed. Choose another topic(…)");
            }
            try {
                Topic.validate(letters);
            } catch (InvalidTopicException e) {
                throw new IllegalStateException(
                        "deadLetters: the dead letters of topic " + topic + " would go to topic "
                                + letters + ", which is not a name for a topic: " + e.getMessage()
                                + ". Choose another suffix(…), or another place");
            }
        }
    }

    private ProducerRecord<byte[], byte[]> message(ReducedLetter letter) {
        DeadLetter kept = letter.kept();
        ProducerRecord<byte[], byte[]> message = LetterProducer.message(kept, topic(kept), null);
        names.of(letter.told(), groupId)
                .forEach((name, value) -> message.headers().add(name, value));
        letter.note().ifPresent(note -> message.headers().add(names.leftOut(), note.getBytes(StandardCharsets.UTF_8)));
        return message;
    }

    /** Sends buffered records and ends the producer's thread, within 10 seconds. */
    @Override
    public void close() {
        producer.close();
    }

    /** Builds a {@link DeadLetterTopic}. Not thread-safe. */
    public static final class Builder {
        private final String bootstrapServers;
        private final String groupId;
        private @Nullable String topic;
        private @Nullable String suffix;
        private DeadLetterHeaders names = DeadLetterHeaders.SDK;
        private Map<String, Object> overrides = Map.of();

        private Builder(String bootstrapServers, String groupId) {
            this.bootstrapServers = Arguments.text("bootstrapServers", bootstrapServers);
            this.groupId = Arguments.group("groupId", groupId);
        }

        /**
         * Sends all dead letters to one topic, whatever the topic of their records.
         *
         * @param name the name of a topic that is not consumed itself (default: the name of the record's topic with the
         *     {@link #suffix}; for {@code gpu-metrics-raw} {@value DeadLetterTopic#OF_GPU_SAMPLES})
         * @return this
         */
        public Builder topic(String name) {
            this.topic = Arguments.topic("topic", name);
            return this;
        }

        /**
         * Sets the suffix that follows the name of the record's topic, also that of {@code gpu-metrics-raw}.
         *
         * @param text letters, digits, dots, underscores and hyphens, not empty (default: {@code -invalid})
         * @return this
         */
        public Builder suffix(String text) {
            if (requireNonNull(text, "text").isEmpty()) {
                throw new IllegalArgumentException("suffix: empty; dead letters would go back to their own topic");
            }
            Arguments.topic("suffix", "topic" + text);
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
         * Sets further settings of the Kafka client, such as security.
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

        private UnaryOperator<String> destination() {
            String one = topic;
            String end = suffix;
            if (one != null && end != null) {
                throw new IllegalStateException("topic: " + one + " and suffix: " + end + " exclude each other");
            }
            if (one != null) {
                return source -> one;
            }
            return end == null ? Builder::usual : source -> source + end;
        }

        private static String usual(String source) {
            return source.equals(RAW) ? OF_GPU_SAMPLES : source + "-invalid";
        }

        /**
         * Builds the sink, which starts its producer's thread.
         *
         * @return a dead-letter sink, to be closed
         * @throws IllegalStateException if both a topic and a suffix are set
         * @throws io.gpufleet.telemetry.TelemetryException if the client cannot be built
         */
        public DeadLetterTopic build() {
            UnaryOperator<String> destination = destination();
            return new DeadLetterTopic(this, destination, LetterProducer.start(bootstrapServers, overrides));
        }
    }
}
