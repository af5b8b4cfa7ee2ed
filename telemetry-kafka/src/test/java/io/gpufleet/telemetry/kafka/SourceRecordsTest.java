package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.SourceRecord;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class SourceRecordsTest {

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void of_carriesTheWholeRecord() {
        RecordHeaders headers = new RecordHeaders();
        headers.add("trace", bytes("1")).add("trace", null);
        ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>(
                "t",
                0,
                42,
                1_234,
                TimestampType.CREATE_TIME,
                3,
                4,
                bytes("key"),
                bytes("text"),
                headers,
                Optional.empty());

        SourceRecord source = SourceRecords.of(Logs.partition(0), record);

        assertThat(source.partition()).isEqualTo(Logs.partition(0));
        assertThat(source.offset()).isEqualTo(42);
        assertThat(source.timestamp()).contains(Instant.ofEpochMilli(1_234));
        assertThat(source.timestampType()).isEqualTo(SourceRecord.TimestampType.CREATE_TIME);
        assertThat(source.key()).contains(bytes("key"));
        assertThat(source.value()).contains(bytes("text"));
        assertThat(source.headers()).extracting(SourceRecord.Header::key).containsExactly("trace", "trace");
        assertThat(source.headers().get(1).value()).isNull();
    }

    private static SourceRecord timed(long timestamp, TimestampType type) {
        ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>(
                "t", 0, 5, timestamp, type, -1, 4, null, bytes("text"), new RecordHeaders(), Optional.empty());
        return SourceRecords.of(Logs.partition(0), record);
    }

    @Test
    void of_aRecordWithoutATimeHasNone() {
        assertThat(timed(ConsumerRecord.NO_TIMESTAMP, TimestampType.NO_TIMESTAMP_TYPE)
                        .timestamp())
                .isEmpty();
        assertThat(timed(1_234, TimestampType.NO_TIMESTAMP_TYPE).timestamp())
                .as("a time of no clock")
                .isEmpty();
    }

    @Test
    void of_saysThatATimeIsTheBrokers() {
        SourceRecord source = timed(1_234, TimestampType.LOG_APPEND_TIME);

        assertThat(source.timestamp()).contains(Instant.ofEpochMilli(1_234));
        assertThat(source.timestampType()).isEqualTo(SourceRecord.TimestampType.LOG_APPEND_TIME);
    }
}
