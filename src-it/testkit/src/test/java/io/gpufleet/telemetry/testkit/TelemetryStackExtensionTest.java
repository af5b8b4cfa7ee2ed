package io.gpufleet.telemetry.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
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

    /** Records of a host, not of a fleet. */
    @Test
    void record_comesBackAsItWasSent() {
        stack.createTopic("round-trip", 1);

        stack.publish(
                "round-trip",
                List.of(
                        TestRecord.of(bytes("key"), bytes("value"), Instant.ofEpochMilli(1_000))
                                .header("trace", bytes("7"))
                                .header("trace", null),
                        TestRecord.of(bytes("key"), null, null)));

        List<ConsumerRecord<byte[], byte[]>> records = records(new TopicPartition("round-trip", 0), 2);
        assertThat(records.get(0).key()).isEqualTo(bytes("key"));
        assertThat(records.get(0).value()).isEqualTo(bytes("value"));
        assertThat(records.get(0).timestamp()).isEqualTo(1_000L);
        assertThat(records.get(0).headers())
                .containsExactly(new RecordHeader("trace", bytes("7")), new RecordHeader("trace", (byte[]) null));
        assertThat(records.get(1).value()).isNull();
        assertThat(records.get(1).timestamp()).isGreaterThan(1_000L);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
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

    private List<ConsumerRecord<byte[], byte[]>> records(TopicPartition partition, int count) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", stack.bootstrapServers()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            Await.until(count + " records of " + partition, Duration.ofSeconds(10), () -> {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
                return records.size() >= count;
            });
            return records;
        }
    }
}
