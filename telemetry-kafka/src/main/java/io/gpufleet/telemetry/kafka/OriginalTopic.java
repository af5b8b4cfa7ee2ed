package io.gpufleet.telemetry.kafka;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.DeadLetterSink;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SinkException.Kind;
import io.gpufleet.telemetry.SourceRecord.TimestampType;
import io.gpufleet.telemetry.TelemetryException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.Producer;

/**
 * Sends dead letters back to where they came from, at least once: to the same partition of the same topic, with the
 * original key, value, headers in their order and timestamp, and nothing added.
 *
 * <p>For a {@code DeadLetterReplayer}, never as the dead letters' place of a consumer, which would read them again. A
 * topic that is not there any more is a {@linkplain Kind#FATAL fatal} failure and is not made; a partition that is not
 * there any more, or a timestamp before 1970, which no producer may send, is a failure of the one letter
 * ({@link Kind#DATA}). So is a timestamp that the broker made, unless the topic has
 * {@code message.timestamp.type=LogAppendTime} still: sent back, it would be taken for the producer's. A topic that was
 * made anew under its name takes the records; so does one with {@code LogAppendTime}, whose broker puts its own time in
 * place of the original. A record without a timestamp gets that of the moment. What was too large for a header's name
 * or a timestamp in the table of dead letters, the replayer could not hand over.
 *
 * <p>The principal needs Write and Describe on the topics, and DescribeConfigs where timestamps are the broker's.
 * Thread-safe.
 */
public final class OriginalTopic implements DeadLetterSink, AutoCloseable {
    private static final long LIMIT_MILLIS = 20_000;

    private final TopicAdmin admin;
    private final LetterProducer producer;

    OriginalTopic(TopicAdmin admin, Producer<byte[], byte[]> producer) {
        this(admin, new LetterProducer(producer));
    }

    private OriginalTopic(TopicAdmin admin, LetterProducer producer) {
        this.admin = admin;
        this.producer = producer;
    }

    /**
     * Starts the producer's thread and that of an admin client. Nothing is asked yet.
     *
     * @param bootstrapServers the brokers to ask first: {@code host:port}, separated by commas
     * @return a target, to be closed
     * @throws TelemetryException if a client cannot be built
     */
    public static OriginalTopic create(String bootstrapServers) {
        return create(bootstrapServers, Map.of());
    }

    /**
     * Starts the producer's thread and that of an admin client. Nothing is asked yet.
     *
     * @param bootstrapServers the brokers to ask first: {@code host:port}, separated by commas
     * @param overrides further settings of both Kafka clients, security among them; names as in Kafka's documentation;
     *     acks, enable.idempotence, key.serializer and value.serializer are refused
     * @return a target, to be closed
     * @throws TelemetryException if a client cannot be built
     */
    public static OriginalTopic create(String bootstrapServers, Map<String, ?> overrides) {
        requireNonNull(bootstrapServers, "bootstrapServers");
        ProducerProperties.check(overrides);
        TopicAdmin admin = new TopicAdmin(() -> KafkaClients.admin(bootstrapServers, overrides), LIMIT_MILLIS);
        return new OriginalTopic(admin, LetterProducer.start(bootstrapServers, ClientSecrets.wrapped(overrides)));
    }

    @Override
    public void write(List<DeadLetter> deadLetters) {
        Map<String, TopicFacts> topics = describe(
                deadLetters.stream().map(letter -> letter.partition().topic()).collect(Collectors.toSet()));
        deadLetters.forEach(letter -> requirePlace(letter, topics));
        deadLetters.forEach(OriginalTopic::requireTime);
        requireTimesOfProducers(deadLetters);
        producer.send(
                deadLetters,
                letter -> LetterProducer.message(
                        letter, letter.partition().topic(), letter.partition().partition()));
    }

    private Map<String, TopicFacts> describe(Set<String> topics) {
        return ask(() -> admin.describe(topics));
    }

    private static <R> R ask(Supplier<R> question) {
        try {
            return question.get();
        } catch (TopicAdmin.ClusterException e) {
            Kind kind = TopicAdmin.isRetriable(e) ? Kind.TRANSIENT : Kind.FATAL;
            throw new SinkException(kind, "Dead letters were not sent: " + e.getMessage(), e);
        }
    }

    private static void requirePlace(DeadLetter letter, Map<String, TopicFacts> topics) {
        String name = letter.partition().topic();
        TopicFacts topic = topics.get(name);
        if (topic == null) {
            throw new SinkException(Kind.FATAL, "Dead letters were not sent: topic " + name + " is not there any more");
        }
        if (letter.partition().partition() >= topic.partitions()) {
            throw new SinkException(
                    Kind.DATA,
                    "partition " + letter.partition().partition() + " of topic " + name
                            + " is not there any more; it has 0 to " + (topic.partitions() - 1));
        }
    }

    private void requireTimesOfProducers(List<DeadLetter> letters) {
        Map<String, DeadLetter> timedByBroker = letters.stream()
                .filter(letter -> letter.source().timestampType() == TimestampType.LOG_APPEND_TIME)
                .collect(Collectors.toMap(letter -> letter.partition().topic(), letter -> letter, (a, b) -> a));
        if (timedByBroker.isEmpty()) {
            return;
        }
        timedByBroker.keySet().removeAll(ask(() -> admin.withLogAppendTime(Set.copyOf(timedByBroker.keySet()))));
        timedByBroker.values().forEach(letter -> {
            throw new SinkException(
                    Kind.DATA,
                    letter.source() + " has a timestamp of the broker (LogAppendTime), which its topic would take for"
                            + " the producer's: replay it through the pipeline with an eventTime(…)");
        });
    }

    private static void requireTime(DeadLetter letter) {
        Optional<Instant> early = letter.source().timestamp().filter(time -> time.isBefore(Instant.EPOCH));
        if (early.isPresent()) {
            throw new SinkException(Kind.DATA, "no producer may send a timestamp before 1970: " + early.get());
        }
    }

    /** Sends what is buffered and ends the clients, within 10 seconds. */
    @Override
    public void close() {
        try (admin) {
            producer.close();
        }
    }
}
