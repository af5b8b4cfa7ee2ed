package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.TimestampType;

/** The conversion of Kafka's records into source records, with the same arrays. */
final class SourceRecords {
    private SourceRecords() {}

    static SourceRecord of(SourcePartition partition, ConsumerRecord<byte[], byte[]> record) {
        return SourceRecord.builder(partition, record.offset())
                .timestampMillis(timestampMillis(record))
                .timestampType(
                        record.timestampType() == TimestampType.LOG_APPEND_TIME
                                ? SourceRecord.TimestampType.LOG_APPEND_TIME
                                : SourceRecord.TimestampType.CREATE_TIME)
                .key(record.key())
                .value(record.value())
                .headers(headers(record))
                .build();
    }

    /** Returns the timestamp; one of an unknown clock counts as none. */
    private static long timestampMillis(ConsumerRecord<byte[], byte[]> record) {
        return record.timestampType() == TimestampType.NO_TIMESTAMP_TYPE
                ? SourceRecord.NO_TIMESTAMP
                : record.timestamp();
    }

    private static List<SourceRecord.Header> headers(ConsumerRecord<byte[], byte[]> record) {
        Header[] headers = record.headers().toArray();
        return headers.length == 0
                ? List.of()
                : Arrays.stream(headers)
                        .map(header -> new SourceRecord.Header(header.key(), header.value()))
                        .toList();
    }
}
