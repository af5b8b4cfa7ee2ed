package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class RecordSizeTest {
    @Test
    void of_countsTheObjectsOfARecordAndOfEachHeader() {
        RecordHeaders headers = new RecordHeaders();
        headers.add("größe", new byte[5]).add("null", null);
        ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>(
                "t", 0, 42, 0, TimestampType.CREATE_TIME, 3, 4, new byte[3], new byte[4], headers, Optional.empty());

        long bytes = 3 + 4 + 7 + 5 + 4;
        assertThat(RecordSize.of(record)).isEqualTo(new RecordSize(bytes, bytes + 3L * Logs.OBJECTS));
        assertThat(RecordSize.held(List.of(record, record))).isEqualTo(2 * (bytes + 3L * Logs.OBJECTS));
    }

    @Test
    void held_ofRecordsWithoutBytesIsThatOfTheirObjects() {
        assertThat(RecordSize.of(Logs.record(0, 0, null)).bytes()).isZero();
        assertThat(RecordSize.held(Logs.tombstones(0, 0, 3))).isEqualTo(3L * Logs.OBJECTS);
        assertThat(RecordSize.held(List.of())).isZero();
    }
}
