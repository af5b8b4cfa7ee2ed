package io.gpufleet.telemetry.testkit;

import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** Sends records and waits until the broker has acknowledged every one. */
final class BrokerPublisher {
    private static final int BATCH_BYTES = 64 * 1024;

    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    private final String bootstrapServers;

    BrokerPublisher(String bootstrapServers) {
        this.bootstrapServers = bootstrapServers;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the callback has the same result as the future
    void publish(String topic, Iterable<? extends TestRecord> records) {
        Map<String, Object> configuration = Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ProducerConfig.BATCH_SIZE_CONFIG,
                BATCH_BYTES,
                // A topic that was just created may refuse a producer's first batch and accept the second: then the
                // first is out of order for ever, and is sent again until its time is up.
                ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION,
                1);
        ByteArraySerializer serializer = new ByteArraySerializer();
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(configuration, serializer, serializer)) {
            for (TestRecord record : records) {
                producer.send(producerRecord(topic, record), (metadata, exception) -> note(exception));
            }
            producer.flush();
        }
        Exception first = failure.get();
        if (first != null) {
            throw new IllegalStateException("publish to " + topic + ": " + first.getMessage(), first);
        }
    }

    private void note(@Nullable Exception exception) {
        if (exception != null) {
            failure.compareAndSet(null, exception);
        }
    }

    private static ProducerRecord<byte[], byte[]> producerRecord(String topic, TestRecord record) {
        Instant time = record.timestamp();
        ProducerRecord<byte[], byte[]> sent = new ProducerRecord<>(
                topic, null, time == null ? null : time.toEpochMilli(), record.key(), record.value());
        record.headers().forEach(header -> sent.headers().add(header.key(), header.value()));
        return sent;
    }
}
