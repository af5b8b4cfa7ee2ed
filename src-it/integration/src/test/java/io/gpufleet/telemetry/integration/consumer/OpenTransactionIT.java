package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.AlarmPolicy;
import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.TelemetryEvent.LagMeasured;
import io.gpufleet.telemetry.TelemetryEvent.PartitionResumed;
import io.gpufleet.telemetry.TelemetryEvent.PartitionStalled;
import io.gpufleet.telemetry.TelemetryEvent.Stall;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** A producer leaves a transaction open: records after it cannot be read, and the consumer reports that. */
@TelemetryStackTest
final class OpenTransactionIT {

    @Test
    void transactionThatStaysOpen_isNamedWithWhatItHoldsBack(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "forgotten-transaction", 1);
        pipeline.publish(10);
        RecordedEvents events = new RecordedEvents();
        try (KafkaProducer<byte[], byte[]> producer = producer(pipeline);
                BatchingConsumer consumer = pipeline.consumer()
                        .alarms(AlarmPolicy.builder()
                                .stuckAfter(Duration.ofSeconds(3))
                                .build())
                        .listener(events)
                        .start()) {
            pipeline.awaitApplied(10);
            forget(producer, pipeline.topic());
            pipeline.publish(200);

            Health health = Await.until(
                    "the open transaction is named",
                    Pipeline.LIMIT,
                    consumer::health,
                    seen -> seen.status() == Health.Status.DEGRADED);
            assertThat(health.reasons())
                    .singleElement()
                    .asString()
                    .startsWith("open transaction: forgotten-transaction-0 cannot be read from offset 10 on since ")
                    .contains(
                            ", and 201 messages wait there",
                            "kafka-transactions.sh --bootstrap-server " + stack.bootstrapServers()
                                    + " describe-producers --topic forgotten-transaction --partition 0",
                            "find-hanging --topic forgotten-transaction --partition 0");
            assertThat(consumer.snapshot().heldBack()).isEqualTo(201);
            assertThat(events.of(LagMeasured.class))
                    .anySatisfy(lag -> assertThat(lag.partitions().values())
                            .allMatch(partition -> partition.heldBack() == 201 && partition.messages() == 0));
            assertThat(events.of(PartitionStalled.class))
                    .singleElement()
                    .matches(stalled -> stalled.stall() == Stall.OPEN_TRANSACTION && stalled.offset() == 10);
            pipeline.awaitPositions(Map.of(0, 10L));

            producer.abortTransaction();
            pipeline.awaitApplied(210);
            Await.until(
                    "the alarm ends",
                    Pipeline.LIMIT,
                    () -> consumer.health().status() == Health.Status.UP
                            && !events.of(PartitionResumed.class).isEmpty());
            assertThat(consumer.snapshot().heldBack()).isZero();
        }
        pipeline.assertApplied(210);
    }

    private static KafkaProducer<byte[], byte[]> producer(Pipeline pipeline) {
        ByteArraySerializer serializer = new ByteArraySerializer();
        KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", pipeline.kafka().bootstrapServers(), "transactional.id", pipeline.topic()),
                serializer,
                serializer);
        producer.initTransactions();
        return producer;
    }

    /** Sends one record without a commit. */
    @SuppressWarnings("FutureReturnValueIgnored") // the flush waits for it
    private static void forget(KafkaProducer<byte[], byte[]> producer, String topic) {
        producer.beginTransaction();
        producer.send(new ProducerRecord<>(topic, 0, null, new byte[] {1}));
        producer.flush();
    }
}
