package io.gpufleet.telemetry.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.testkit.TestRecord;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The faults of producers with transactions. */
final class TransactionFaults {
    private static final int MOST_RECORDS = 200;

    private TransactionFaults() {}

    /** Leaves a transaction open and then aborts it: its records do not count. */
    static Fault.Aftermath abortLate(FaultSite site) throws Exception {
        return leaveOpen(site, (producer, places) -> {
            places.forEach(site.model()::abort);
            producer.abortTransaction();
        });
    }

    /** Leaves a transaction open and then commits it: its records count, in their place. */
    static Fault.Aftermath commitLate(FaultSite site) throws Exception {
        return leaveOpen(site, (producer, places) -> producer.commitTransaction());
    }

    /** Ends a transaction whose records are at these places. */
    private interface End {
        void run(KafkaProducer<byte[], byte[]> producer, List<String> places);
    }

    /** Checks that the transaction's partition stands still at it, and that the others continue. */
    private static Fault.Aftermath leaveOpen(FaultSite site, End end) throws Exception {
        LogRecord.Log log = site.presentLog(site.anyPartition());
        try (KafkaProducer<byte[], byte[]> producer = producer(site)) {
            producer.beginTransaction();
            List<Long> offsets = send(producer, site, log.partition());
            awaitStandstill(site, log.partition(), offsets.get(0));
            end.run(producer, offsets.stream().map(log::place).toList());
        }
        return Fault.Aftermath.NONE;
    }

    private static KafkaProducer<byte[], byte[]> producer(FaultSite site) {
        KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        site.topics().bootstrapServers(),
                        ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                        UUID.randomUUID().toString()),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        producer.initTransactions();
        return producer;
    }

    /** Sends a few more records; returns their offsets in order. */
    private static List<Long> send(KafkaProducer<byte[], byte[]> producer, FaultSite site, int partition)
            throws ExecutionException, InterruptedException {
        Iterator<TestRecord> fleet = site.cargo().records(site.random().nextLong());
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (int i = 1 + site.random().nextInt(MOST_RECORDS); i > 0; i--) {
            sent.add(producer.send(Load.record(FaultSite.TOPIC, partition, fleet.next())));
        }
        List<Long> offsets = new ArrayList<>();
        for (Future<RecordMetadata> record : sent) {
            offsets.add(record.get().offset());
        }
        return offsets;
    }

    private static void awaitStandstill(FaultSite site, int partition, long first) {
        Map<Integer, Long> wanted = new TreeMap<>(site.topics().endOffsets(FaultSite.TOPIC));
        wanted.put(partition, first);
        site.progress().await("all but the open transaction of partition " + partition, wanted);
        site.waitAWhile();
        assertThat(site.progress().positions())
                .as("positions while a transaction is open")
                .containsEntry(partition, first);
    }
}
