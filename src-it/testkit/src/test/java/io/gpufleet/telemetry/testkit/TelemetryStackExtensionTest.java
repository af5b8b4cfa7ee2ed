package io.gpufleet.telemetry.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

@TelemetryStackTest
class TelemetryStackExtensionTest {
    private final TelemetryStack stack;

    TelemetryStackExtensionTest(TelemetryStack stack) {
        this.stack = stack;
    }

    @Test
    void stack_isTheSameEverywhere(TelemetryStack parameter) {
        assertThat(parameter).isSameAs(stack);
    }

    @Test
    void record_comesBackAsItWasSent() throws Exception {
        stack.createTopic("round-trip", 1);
        byte[] value = "value".getBytes(StandardCharsets.UTF_8);

        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", stack.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>("round-trip", 0, 1_000L, null, value))
                    .get(10, TimeUnit.SECONDS);
        }

        ConsumerRecord<byte[], byte[]> record = first(new TopicPartition("round-trip", 0));
        assertThat(record.value()).isEqualTo(value);
        assertThat(record.timestamp()).isEqualTo(1_000L);
    }

    @Test
    void publish_sendsEveryRecordOfAFleet() {
        stack.createTopic("fleet", 3);

        stack.publish("fleet", FleetGenerator.builder().build().records(1_000));

        assertThat(stack.kafka().endOffsets("fleet").values().stream()
                        .mapToLong(Long::longValue)
                        .sum())
                .isEqualTo(1_000);
        assertThatThrownBy(() -> stack.publish(
                        "missing", FleetGenerator.builder().build().records(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("describe topic missing");
    }

    @Test
    void databases_areIndependent() throws SQLException {
        DataSource one = stack.newDatabase().dataSource();
        DataSource other = stack.newDatabase().dataSource();

        Sql.execute(one, "CREATE TABLE machine AS SELECT 1 AS id");

        assertThat(Sql.query(one, "SELECT count(*) FROM machine")).isEqualTo("1");
        assertThat(Sql.query(other, "SELECT to_regclass('machine')")).isNull();
    }

    @Test
    void forkedStack_startsAndCloses() {
        TelemetryStack forked = TelemetryStack.builder().forked().start();
        try (forked) {
            forked.createTopic("events", 1);
            assertThat(forked.kafka().endOffsets("events")).isEqualTo(Map.of(0, 0L));
        }
        assertThat(forked.kafka().isRunning()).isFalse();
        assertThat(forked.postgres().isRunning()).isFalse();
    }

    private ConsumerRecord<byte[], byte[]> first(TopicPartition partition) {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", stack.bootstrapServers()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            return Await.until(
                            "a record of " + partition,
                            Duration.ofSeconds(10),
                            () -> consumer.poll(Duration.ofMillis(100)),
                            records -> !records.isEmpty())
                    .iterator()
                    .next();
        }
    }
}
