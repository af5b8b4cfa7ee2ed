package io.gpufleet.telemetry.benchmarks.latency;

import io.gpufleet.telemetry.benchmarks.pipeline.Backlog;
import io.gpufleet.telemetry.testkit.FleetRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Machines that send at a steady pace. Each heartbeat has its due time, even if the sender is late: the delay of a slow
 * sender counts too.
 */
final class PacedFleet {
    private final String bootstrapServers;
    private final Backlog fleet;
    private final int perSecond;

    PacedFleet(String bootstrapServers, Backlog fleet, int perSecond) {
        this.bootstrapServers = bootstrapServers;
        this.fleet = fleet;
        this.perSecond = perSecond;
    }

    /** Sends for a duration, from a start time on. */
    void send(Instant from, Duration duration) throws InterruptedException, ExecutionException {
        long step = TimeUnit.SECONDS.toNanos(1) / perSecond;
        Map<String, Object> settings = Map.of("bootstrap.servers", bootstrapServers, "linger.ms", 0);
        ByteArraySerializer bytes = new ByteArraySerializer();
        Iterator<FleetRecord> records = fleet.fleet().stream().iterator();
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings, bytes, bytes)) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (long at = 0; at < duration.toNanos(); at += step) {
                Instant due = from.plusNanos(at);
                LockSupport.parkNanos(Duration.between(Instant.now(), due).toNanos());
                FleetRecord record = records.next();
                sent.add(producer.send(
                        new ProducerRecord<>(fleet.topic(), null, due.toEpochMilli(), record.key(), record.value())));
            }
            for (Future<RecordMetadata> each : sent) {
                each.get();
            }
        }
    }
}
