package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SourceRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;

/** Sends the records of dead letters, and waits until all of them have arrived. Thread-safe. */
final class LetterProducer implements AutoCloseable {
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

    /** What lay in one topic fits into another; its broker has the last word. */
    private static final Map<String, Object> ANY_SIZE =
            Map.of(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.MAX_VALUE);

    private final Producer<byte[], byte[]> producer;

    LetterProducer(Producer<byte[], byte[]> producer) {
        this.producer = producer;
    }

    /** Starts the thread of a producer; throws a {@code TelemetryException} if the client cannot be built. */
    static LetterProducer start(String bootstrapServers, Map<String, Object> overrides) {
        Map<String, Object> properties = ProducerProperties.of(bootstrapServers, ANY_SIZE, overrides);
        return new LetterProducer(KafkaClients.client(bootstrapServers, () -> new KafkaProducer<>(properties)));
    }

    /** The record of a letter for another place: key, value, headers in their order, and timestamp are the same. */
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
     * @param message makes the record of a letter
     * @throws SinkException if it is not known of all of them that they have arrived
     */
    void send(List<DeadLetter> letters, Function<DeadLetter, ProducerRecord<byte[], byte[]>> message) {
        List<Future<?>> acknowledgements = new ArrayList<>();
        try {
            for (DeadLetter letter : letters) {
                acknowledgements.add(producer.send(message.apply(letter)));
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
        return new SinkException(kind, "Dead letters were not sent: " + ClusterWords.of(cause), cause);
    }

    /** Sends what is buffered and ends the producer's thread, within 10 seconds. */
    @Override
    public void close() {
        producer.close(CLOSE_LIMIT);
    }
}
