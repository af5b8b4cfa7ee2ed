package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.FleetGenerator;
import io.gpufleet.telemetry.testkit.FleetRecord;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.util.Iterator;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** Aborted records are never applied, and the position moves over offsets without a readable record. */
@TelemetryStackTest
final class TransactionalTopicIT {
    private final Iterator<FleetRecord> fleet =
            FleetGenerator.builder().build().stream().iterator();

    @Test
    void abortedRecordsAndMarkers_arePassedOver(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "transactions", 2);
        try (KafkaProducer<byte[], byte[]> producer = producer(pipeline)) {
            send(producer, pipeline, 0, 10);
            producer.commitTransaction();
            send(producer, pipeline, 0, 10);
            producer.abortTransaction();
            send(producer, pipeline, 0, 10);
            producer.commitTransaction();
            send(producer, pipeline, 0, 10);
            producer.abortTransaction();
            send(producer, pipeline, 1, 10);
            producer.abortTransaction();
        }
        assertConsumed(pipeline, 20, Map.of(0, 44L, 1, 11L));
    }

    @Test
    void transactionAbortedWhileRunning_isPassedOver(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "open-transaction", 1);
        try (KafkaProducer<byte[], byte[]> producer = producer(pipeline);
                BatchingConsumer consumer = pipeline.consumer().start()) {
            send(producer, pipeline, 0, 10);
            producer.commitTransaction();
            pipeline.awaitApplied(10);
            send(producer, pipeline, 0, 10);
            pipeline.awaitPositions(Map.of(0, 11L));
            producer.abortTransaction();
            pipeline.awaitPositions(Map.of(0, 22L));
        }
        assertConsumed(pipeline, 10, Map.of(0, 22L));
    }

    private static void assertConsumed(Pipeline pipeline, long applied, Map<Integer, Long> positions) {
        try (BatchingConsumer consumer = pipeline.consumer().start()) {
            pipeline.awaitPositions(positions);
            pipeline.assertApplied(applied);
            Await.until(
                    "the lag that the consumer reports is 0",
                    Pipeline.LIMIT,
                    () -> consumer.snapshot().partitions().size() == positions.size()
                            && consumer.snapshot().partitions().values().stream()
                                    .allMatch(progress -> progress.lag().orElse(-1) == 0));
        }
        assertThat(pipeline.kafka().committedLag(pipeline.group(), pipeline.topic()))
                .as("the lag that Kafka's tools tell")
                .isZero();
        assertThat(pipeline.gaps()).isEmpty();
    }

    private static KafkaProducer<byte[], byte[]> producer(Pipeline pipeline) {
        Map<String, Object> properties = Map.of(
                "bootstrap.servers",
                pipeline.kafka().bootstrapServers(),
                "transactional.id",
                pipeline.topic(),
                "transaction.timeout.ms",
                60_000);
        ByteArraySerializer serializer = new ByteArraySerializer();
        KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(properties, serializer, serializer);
        producer.initTransactions();
        return producer;
    }

    /** Begins a transaction and sends some records, which are in the log before it ends. */
    @SuppressWarnings("FutureReturnValueIgnored") // the end of the transaction shows the result
    private void send(KafkaProducer<byte[], byte[]> producer, Pipeline pipeline, int partition, int count) {
        producer.beginTransaction();
        for (int i = 0; i < count; i++) {
            FleetRecord next = fleet.next();
            producer.send(new ProducerRecord<>(
                    pipeline.topic(), partition, next.timestamp().toEpochMilli(), next.key(), next.value()));
        }
        producer.flush();
    }
}
