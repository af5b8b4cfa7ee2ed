package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** Records of Kafka's client as ours; the arrays are the same ones. */
final class SourceRecords {
    private SourceRecords() {}

    static SourceRecord of(SourcePartition partition, ConsumerRecord<byte[], byte[]> record) {
        return SourceRecord.builder(partition, record.offset())
                .timestampMillis(record.timestamp())
                .key(record.key())
                .value(record.value())
                .headers(headers(record))
                .build();
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
