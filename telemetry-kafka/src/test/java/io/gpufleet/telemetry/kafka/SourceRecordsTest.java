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
        assertThat(source.key()).contains(bytes("key"));
        assertThat(source.value()).contains(bytes("text"));
        assertThat(source.headers()).extracting(SourceRecord.Header::key).containsExactly("trace", "trace");
        assertThat(source.headers().get(1).value()).isNull();
    }

    @Test
    void of_aRecordWithoutATimeHasNone() {
        ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>(
                "t",
                0,
                5,
                ConsumerRecord.NO_TIMESTAMP,
                TimestampType.NO_TIMESTAMP_TYPE,
                -1,
                4,
                null,
                bytes("text"),
                new RecordHeaders(),
                Optional.empty());

        assertThat(SourceRecords.of(Logs.partition(0), record).timestamp()).isEmpty();
    }
}
