package io.gpufleet.telemetry.kafka;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * The memory taken by a record. Immutable.
 *
 * @param bytes key, value and headers
 * @param held the same with the objects that hold them; otherwise a flood of empty records would fill the heap
 */
record RecordSize(long bytes, long held) {

    /**
     * Kafka's record of no bytes takes 151, and each of its headers 104 to 160 (kafka-clients 4.3.1, OpenJDK 17); the
     * rest is for their places in lists, and for the decoded values.
     */
    private static final long OBJECTS = 200;

    static RecordSize of(ConsumerRecord<byte[], byte[]> record) {
        long bytes = Math.max(0L, record.serializedKeySize()) + Math.max(0L, record.serializedValueSize());
        Header[] headers = record.headers().toArray();
        for (Header header : headers) {
            byte[] value = header.value();
            bytes += header.key().getBytes(StandardCharsets.UTF_8).length + (value == null ? 0 : value.length);
        }
        return new RecordSize(bytes, bytes + OBJECTS * (1 + headers.length));
    }

    /** Returns the bytes held by all records of a list. */
    static long held(List<ConsumerRecord<byte[], byte[]>> records) {
        long held = 0;
        for (ConsumerRecord<byte[], byte[]> record : records) {
            held += of(record).held();
        }
        return held;
    }
}
