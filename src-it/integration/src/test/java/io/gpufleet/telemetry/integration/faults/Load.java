package io.gpufleet.telemetry.integration.faults;

import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.TestRecord;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A fleet that sends until it is stopped, some records twice. It bypasses the proxy of the broker, and waits during an
 * outage. Belongs to the thread of the test.
 */
final class Load implements AutoCloseable {
    private static final int PIECE = 5;
    private static final long PAUSE_NANOS = Duration.ofMillis(20).toNanos();
    private static final int TWICE_ONE_IN = 200;
    private static final Duration LIMIT = Duration.ofMinutes(5);

    private final String bootstrapServers;
    private final String topic;
    private final Cargo cargo;
    private final Iterator<TestRecord> fleet;
    private Thread sender = new Thread(() -> {});
    private volatile boolean sending;
    private final AtomicLong sent = new AtomicLong();

    Load(String bootstrapServers, String topic, Cargo cargo, long seed) {
        this.bootstrapServers = bootstrapServers;
        this.topic = topic;
        this.cargo = cargo;
        this.fleet = cargo.records(seed);
    }

    /** Starts to send; returns when a number of records are in flight. */
    void begin(int first) {
        sending = true;
        long wanted = sent.get() + first;
        sender = new Thread(() -> send(first), "load");
        sender.setDaemon(true);
        sender.start();
        Await.until(wanted + " records under way", LIMIT, () -> sent.get() >= wanted);
    }

    /** Sends the next storable record alone; only during a pause. */
    void sendOne() throws ExecutionException, InterruptedException {
        TestRecord next = fleet.next();
        while (!cargo.isGood(next)) {
            next = fleet.next();
        }
        try (KafkaProducer<byte[], byte[]> producer = producer()) {
            producer.send(record(next)).get();
        }
    }

    private void send(int first) {
        try (KafkaProducer<byte[], byte[]> producer = producer()) {
            send(producer, first);
            while (sending) {
                send(producer, PIECE);
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    private KafkaProducer<byte[], byte[]> producer() {
        return new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ProducerConfig.MAX_BLOCK_MS_CONFIG,
                        LIMIT.toMillis(),
                        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                        (int) LIMIT.toMillis(),
                        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                        5_000,
                        ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                        false), // a recreated topic may accept the second batch before the first, which is then out of
                // order for ever
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    private ProducerRecord<byte[], byte[]> record(TestRecord sent) {
        return record(topic, null, sent);
    }

    /** Returns a record to send, with its headers. */
    static ProducerRecord<byte[], byte[]> record(String topic, Integer partition, TestRecord sent) {
        List<Header> headers = sent.headers().stream()
                .<Header>map(header -> new RecordHeader(header.key(), header.value()))
                .toList();
        return new ProducerRecord<>(
                topic, partition, sent.timestamp().toEpochMilli(), sent.key(), sent.value(), headers);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the log is the truth, whatever was sent
    private void send(KafkaProducer<byte[], byte[]> producer, int count) {
        for (int i = 0; i < count; i++) {
            ProducerRecord<byte[], byte[]> record = record(fleet.next());
            producer.send(record);
            if (sent.incrementAndGet() % TWICE_ONE_IN == 0) {
                producer.send(record);
            }
        }
    }

    /** Stops, and returns when all sent records are in the log. */
    void pause() {
        sending = false;
        Await.until("the end of the load", LIMIT, () -> !sender.isAlive());
    }

    @Override
    public void close() {
        sending = false;
    }
}
