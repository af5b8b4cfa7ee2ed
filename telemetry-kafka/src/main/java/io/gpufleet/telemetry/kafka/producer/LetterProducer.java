package io.gpufleet.telemetry.kafka.producer;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.kafka.internal.ClientFactory;
import io.gpufleet.telemetry.kafka.internal.FailureText;
import io.gpufleet.telemetry.kafka.internal.Refusal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * A producer of dead letters, which waits until they have arrived, and returns those refused for their own fault. A
 * broker refuses a whole request for one record, so a record refused with others is sent again without them.
 * Thread-safe.
 */
final class LetterProducer implements AutoCloseable {
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

    /** The largest size of a tiny record, in bytes; the error of the producer's estimate of a size is smaller. */
    private static final int TINY = 64;

    /** A record of one topic fits into another; the broker decides, and soon reports a missing topic. */
    private static final Map<String, Object> DEFAULTS = Map.of(
            ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.MAX_VALUE,
            ProducerConfig.MAX_BLOCK_MS_CONFIG, 20_000,
            ProducerConfig.LINGER_MS_CONFIG, 0);

    private final Producer<byte[], byte[]> producer;

    LetterProducer(Producer<byte[], byte[]> producer) {
        this.producer = producer;
    }

    /** Starts the thread of a producer; throws a {@code TelemetryException} if the client cannot be built. */
    static LetterProducer start(String bootstrapServers, Map<String, Object> overrides) {
        Map<String, Object> properties = ProducerProperties.of(bootstrapServers, DEFAULTS, overrides);
        return new LetterProducer(ClientFactory.client(bootstrapServers, () -> new KafkaProducer<>(properties)));
    }

    /**
     * Returns the record of a letter for another place, with the same key, value, headers in their order, and
     * timestamp.
     */
    static ProducerRecord<byte[], byte[]> message(DeadLetter letter, String topic, @Nullable Integer partition) {
        SourceRecord source = letter.source();
        ProducerRecord<byte[], byte[]> message = new ProducerRecord<>(
                topic,
                partition,
                source.timestamp().map(time -> time.toEpochMilli()).orElse(null),
                source.key().orElse(null),
                source.value().orElse(null));
        source.headers().forEach(header -> message.headers().add(header.key(), header.value()));
        return message;
    }

    /**
     * Sends letters.
     *
     * @param message returns the record of a letter
     * @return the letters refused for their own fault, with the reason; all others have arrived
     * @throws SinkException if the arrival of another letter is unknown
     */
    Map<DeadLetter, Throwable> send(
            List<DeadLetter> letters, Function<DeadLetter, ProducerRecord<byte[], byte[]>> message) {
        try {
            return sendAll(letters, message);
        } catch (ExecutionException e) {
            throw failure(e.getCause() == null ? e : e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw interrupted(e);
        } catch (InterruptException e) {
            throw interrupted(e);
        } catch (RuntimeException e) {
            throw failure(e);
        }
    }

    /**
     * Sends in rounds; each leaves out the letters that the round before found refused, so the rounds come to an end.
     */
    private Map<DeadLetter, Throwable> sendAll(
            List<DeadLetter> letters, Function<DeadLetter, ProducerRecord<byte[], byte[]>> message)
            throws ExecutionException, InterruptedException {
        Map<DeadLetter, Throwable> refused = new LinkedHashMap<>();
        List<DeadLetter> open = letters;
        while (!open.isEmpty()) {
            Round round = new Round();
            round.send(open, message);
            for (DeadLetter letter : round.doubtful.keySet()) {
                refused.putAll(alone(letter, round, message));
            }
            open = round.neighbours;
        }
        return refused;
    }

    private Map<DeadLetter, Throwable> alone(
            DeadLetter letter, Round round, Function<DeadLetter, ProducerRecord<byte[], byte[]>> message)
            throws ExecutionException, InterruptedException {
        if (round.letters == 1) {
            return round.doubtful;
        }
        Round alone = new Round();
        alone.send(List.of(letter), message);
        return alone.doubtful;
    }

    /**
     * Returns whether a record is so small that it may share a request that is too large for the record before it.
     * Kafka's producer 4.3 divides such a request by the same wrong estimate, so the pair stays together and is sent
     * again without end.
     */
    private static boolean isTiny(ProducerRecord<byte[], byte[]> message) {
        int size = length(message.key()) + length(message.value());
        for (Header header : message.headers()) {
            size += header.key().length() + length(header.value());
        }
        return size <= TINY;
    }

    private static int length(byte @Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }

    private static SinkException interrupted(Exception cause) {
        return new SinkException(SinkException.Kind.TRANSIENT, "Sending dead letters was interrupted", cause);
    }

    private static SinkException failure(Throwable cause) {
        boolean passes = cause instanceof RetriableException && !Refusal.isOfUnknownTopic(cause);
        SinkException.Kind kind = passes ? SinkException.Kind.TRANSIENT : SinkException.Kind.FATAL;
        return new SinkException(kind, "Dead letters were not sent: " + FailureText.ofSending(cause), cause);
    }

    /** Sends buffered records and ends the producer's thread, within 10 seconds. */
    @Override
    public void close() {
        producer.close(CLOSE_LIMIT);
    }

    /** One sending of letters, which may share requests. Belongs to one thread. */
    private final class Round {
        /** The letters refused, perhaps for another letter of their request. */
        private final Map<DeadLetter, Throwable> doubtful = new LinkedHashMap<>();

        /** The letters refused for another letter of their request. */
        private final List<DeadLetter> neighbours = new ArrayList<>();

        private final Map<DeadLetter, Future<?>> outstanding = new LinkedHashMap<>();
        private @Nullable ExecutionException neighbour;
        private int letters;

        /** Sends letters, and waits for the outcome of each. */
        void send(List<DeadLetter> open, Function<DeadLetter, ProducerRecord<byte[], byte[]>> message)
                throws ExecutionException, InterruptedException {
            letters = open.size();
            for (DeadLetter letter : open) {
                ProducerRecord<byte[], byte[]> record = message.apply(letter);
                if (isTiny(record)) {
                    awaitOutstanding();
                }
                Future<?> arrival = begin(record);
                outstanding.put(letter, arrival);
                // Without a topic each send would wait for it: the first failure is enough.
                if (arrival.isDone()) {
                    awaitOutstanding();
                }
            }
            awaitOutstanding();
            if (doubtful.isEmpty() && neighbour != null) {
                throw neighbour;
            }
        }

        private void awaitOutstanding() throws ExecutionException, InterruptedException {
            for (Map.Entry<DeadLetter, Future<?>> sent : outstanding.entrySet()) {
                try {
                    sent.getValue().get();
                } catch (ExecutionException e) {
                    sort(sent.getKey(), e);
                }
            }
            outstanding.clear();
        }

        private Future<?> begin(ProducerRecord<byte[], byte[]> message) {
            try {
                return producer.send(message);
            } catch (ApiException e) {
                return CompletableFuture.failedFuture(e);
            }
        }

        private void sort(DeadLetter letter, ExecutionException failure) throws ExecutionException {
            Throwable cause = failure.getCause();
            if (cause != null && Refusal.isOfRecord(cause)) {
                doubtful.put(letter, cause);
            } else if (cause != null && Refusal.isOfNeighbour(cause)) {
                neighbours.add(letter);
                neighbour = failure;
            } else {
                throw failure;
            }
        }
    }
}
