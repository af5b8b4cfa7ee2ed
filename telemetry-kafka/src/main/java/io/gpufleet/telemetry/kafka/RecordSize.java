package io.gpufleet.telemetry.kafka;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** What a record counts against a budget of bytes: key, value and headers. */
final class RecordSize {
    private RecordSize() {}

    static int of(ConsumerRecord<byte[], byte[]> record) {
        int size = Math.max(0, record.serializedKeySize()) + Math.max(0, record.serializedValueSize());
        for (Header header : record.headers().toArray()) {
            byte[] value = header.value();
            size += header.key().getBytes(StandardCharsets.UTF_8).length + (value == null ? 0 : value.length);
        }
        return size;
    }

    static long of(List<ConsumerRecord<byte[], byte[]>> records) {
        long size = 0;
        for (ConsumerRecord<byte[], byte[]> record : records) {
            size += of(record);
        }
        return size;
    }
}
