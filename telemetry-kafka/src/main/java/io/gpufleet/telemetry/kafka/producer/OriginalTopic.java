package io.gpufleet.telemetry.kafka.producer;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.DeadLetterSink;
import io.gpufleet.telemetry.DeadLettersRefusedException;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SinkException.Kind;
import io.gpufleet.telemetry.SourceRecord.TimestampType;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.internal.Arguments;
import io.gpufleet.telemetry.kafka.internal.ClientFactory;
import io.gpufleet.telemetry.kafka.internal.ClientSecrets;
import io.gpufleet.telemetry.kafka.internal.FailureText;
import io.gpufleet.telemetry.kafka.internal.TopicAdmin;
import io.gpufleet.telemetry.kafka.internal.TopicFacts;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.Producer;

/**
 * A sink that sends dead letters back to their topic, at least once: to the same partition, with the original key,
 * value, headers in their order and timestamp, and nothing added.
 *
 * <pre>{@code
 * DeadLetterReplayer<Heartbeat> replayer = DeadLetterReplayer.<Heartbeat>builder(dataSource, "my-group").build();
 * try (OriginalTopic topic = OriginalTopic.create("localhost:9092")) {
 *     ReplayResult result = replayer.to(topic);
 * }
 * }</pre>
 *
 * <p>For a {@code DeadLetterReplayer}, never as the dead-letter sink of a consumer, which would read the letters again.
 * A letter is refused for its own fault, and the others are sent ({@link DeadLettersRefusedException}), if its topic or
 * partition does not exist any more (none is created), if its timestamp is before 1970, which no producer may send, if
 * its timestamp is the broker's and would pass for the producer's, since its topic no longer has
 * {@code message.timestamp.type=LogAppendTime}, or if the broker refuses this one record: it is too large, from too
 * early or too late, or without a key in a compacted topic. A recreated topic takes the records; so does one with
 * {@code message.timestamp.type=LogAppendTime}, whose broker puts its own time in place of the original. A record
 * without a timestamp gets the present time. The replayer cannot hand over header names and timestamps that were too
 * large for the table of dead letters.
 *
 * <p>The principal needs Write and Describe on the topics, and DescribeConfigs where timestamps are the broker's.
 * Thread-safe.
 */
public final class OriginalTopic implements DeadLetterSink, AutoCloseable {
    private static final long LIMIT_MILLIS = 20_000;

    private final TopicAdmin admin;
    private final LetterProducer producer;
    private final Object sending = new Object();

    OriginalTopic(TopicAdmin admin, Producer<byte[], byte[]> producer) {
        this(admin, new LetterProducer(producer));
    }

    private OriginalTopic(TopicAdmin admin, LetterProducer producer) {
        this.admin = admin;
        this.producer = producer;
    }

    /**
     * Starts the thread of a producer and that of an admin client; asks nothing yet.
     *
     * @param bootstrapServers the bootstrap servers: {@code host:port}, separated by commas
     * @return a dead-letter sink, to be closed
     * @throws TelemetryException if a client cannot be built
     */
    public static OriginalTopic create(String bootstrapServers) {
        return create(bootstrapServers, Map.of());
    }

    /**
     * Starts the thread of a producer and that of an admin client; asks nothing yet.
     *
     * @param bootstrapServers the bootstrap servers: {@code host:port}, separated by commas
     * @param overrides further settings of both Kafka clients, such as security; names as in Kafka's documentation;
     *     acks, enable.idempotence, key.serializer and value.serializer are refused
     * @return a dead-letter sink, to be closed
     * @throws TelemetryException if a client cannot be built
     */
    public static OriginalTopic create(String bootstrapServers, Map<String, ?> overrides) {
        Arguments.text("bootstrapServers", bootstrapServers);
        requireNonNull(overrides, "overrides");
        ProducerProperties.check(overrides);
        TopicAdmin admin = new TopicAdmin(() -> ClientFactory.admin(bootstrapServers, overrides), LIMIT_MILLIS);
        return new OriginalTopic(admin, LetterProducer.start(bootstrapServers, ClientSecrets.wrapped(overrides)));
    }

    @Override
    public void write(List<DeadLetter> deadLetters) {
        Map<String, TopicFacts> topics = describe(
                deadLetters.stream().map(letter -> letter.partition().topic()).collect(Collectors.toSet()));
        Set<String> timed = timedByTheirBroker(deadLetters);
        Map<DeadLetter, String> refused = new LinkedHashMap<>();
        deadLetters.forEach(letter -> misfit(letter, topics)
                .or(() -> brokersTime(letter, timed))
                .ifPresent(reason -> refused.put(letter, reason)));
        List<DeadLetter> sent = deadLetters.stream()
                .filter(letter -> !refused.containsKey(letter))
                .toList();
        send(sent).forEach((letter, refusal) -> refused.put(letter, FailureText.ofSending(refusal)));
        if (!refused.isEmpty()) {
            throw new DeadLettersRefusedException(refused.entrySet().stream()
                    .map(entry -> new DeadLettersRefusedException.Refusal(entry.getKey(), entry.getValue()))
                    .toList());
        }
    }

    /**
     * Sends the letters of one call at a time: a tiny record must not share a request with a large one of another call.
     */
    private Map<DeadLetter, Throwable> send(List<DeadLetter> letters) {
        synchronized (sending) {
            return producer.send(
                    letters,
                    letter -> LetterProducer.message(
                            letter,
                            letter.partition().topic(),
                            letter.partition().partition()));
        }
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

    /** Returns the reason why a letter cannot be sent at all. */
    private static Optional<String> misfit(DeadLetter letter, Map<String, TopicFacts> topics) {
        String name = letter.partition().topic();
        TopicFacts topic = topics.get(name);
        if (topic == null) {
            return Optional.of("topic " + name + " does not exist any more");
        }
        if (letter.partition().partition() >= topic.partitions()) {
            return Optional.of("partition " + letter.partition().partition() + " of topic " + name
                    + " does not exist any more; it has 0 to " + (topic.partitions() - 1));
        }
        return letter.source()
                .timestamp()
                .filter(time -> time.isBefore(Instant.EPOCH))
                .map(time -> "no producer may send a timestamp before 1970: " + time);
    }

    /** Returns the topics of letters with a broker's timestamp in which the broker still sets the timestamps. */
    private Set<String> timedByTheirBroker(List<DeadLetter> letters) {
        Set<String> concerned = letters.stream()
                .filter(letter -> letter.source().timestampType() == TimestampType.LOG_APPEND_TIME)
                .map(letter -> letter.partition().topic())
                .collect(Collectors.toSet());
        Map<String, Boolean> answers = concerned.isEmpty()
                ? Map.of()
                : ask(() -> admin.logAppendTime(concerned).all());
        return answers.entrySet().stream()
                .filter(Map.Entry::getValue)
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    private static Optional<String> brokersTime(DeadLetter letter, Set<String> timedByTheirBroker) {
        boolean wouldPassForTheProducers = letter.source().timestampType() == TimestampType.LOG_APPEND_TIME
                && !timedByTheirBroker.contains(letter.partition().topic());
        return wouldPassForTheProducers
                ? Optional.of("its timestamp is the broker's (LogAppendTime), and its topic would take it for the"
                        + " producer's: replay it through the pipeline with an eventTime(…)")
                : Optional.empty();
    }

    /** Sends buffered records and ends the clients, within 10 seconds. */
    @Override
    public void close() {
        try (admin) {
            producer.close();
        }
    }
}
