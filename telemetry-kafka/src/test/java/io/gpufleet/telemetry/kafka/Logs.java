package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.OffsetRange;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.SourcePartition;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;

/** Records of the topic {@code t}, and the chunks of a poll. */
public final class Logs {
    public static final String TOPIC = "t";
    public static final LogId ID = new LogId("a-cluster", new UUID(4, 2));
    static final int EPOCH = 3;

    private Logs() {}

    public static SourcePartition partition(int number) {
        return new SourcePartition(TOPIC, number);
    }

    static TopicPartition kafkaName(int number) {
        return new TopicPartition(TOPIC, number);
    }

    public static Position position(long offset) {
        return new Position(ID, offset, -1);
    }

    static OffsetRange range(int partition, long from, long next) {
        return new OffsetRange(partition(partition), ID, from, next, EPOCH);
    }

    /** Returns a memory without refusals. */
    static RepeatedRefusals refusals() {
        return new RepeatedRefusals(System::currentTimeMillis);
    }

    static Generation generation(int partition) {
        return new Generation(partition(partition), position(0));
    }

    /** Returns a record whose size is that of its value; a tombstone if that is null. */
    static ConsumerRecord<byte[], byte[]> record(int partition, long offset, String value) {
        byte[] bytes = value == null ? null : value.getBytes(StandardCharsets.UTF_8);
        return new ConsumerRecord<>(
                TOPIC,
                partition,
                offset,
                1_000,
                TimestampType.CREATE_TIME,
                ConsumerRecord.NULL_SIZE,
                bytes == null ? ConsumerRecord.NULL_SIZE : bytes.length,
                null,
                bytes,
                new RecordHeaders(),
                Optional.of(EPOCH));
    }

    /** Returns a good record whose value names its place. */
    static ConsumerRecord<byte[], byte[]> record(int partition, long offset) {
        return record(partition, offset, TOPIC + "-" + partition + "@" + offset);
    }

    static ConsumerRecord<byte[], byte[]> sized(int partition, long offset, int bytes) {
        return record(partition, offset, "x".repeat(bytes));
    }

    /** The bytes that count for the objects of a record, as {@code bufferBytes} says. */
    static final int OBJECTS = 200;

    /** Returns one record without key and value, of no bytes, at every offset of [from, next). */
    static List<ConsumerRecord<byte[], byte[]>> tombstones(int partition, long from, long next) {
        return LongStream.range(from, next)
                .mapToObj(offset -> record(partition, offset, null))
                .toList();
    }

    /** Returns one record at every offset of [from, next). */
    static List<ConsumerRecord<byte[], byte[]>> records(int partition, long from, long next) {
        return LongStream.range(from, next)
                .mapToObj(offset -> record(partition, offset))
                .toList();
    }

    /** Returns the chunk of a poll, with one record at every offset of [from, next). */
    static Chunk chunk(Generation generation, long from, long next) {
        return chunk(generation, from, next, records(generation.partition().partition(), from, next));
    }

    static Chunk chunk(Generation generation, long from, long next, List<ConsumerRecord<byte[], byte[]>> records) {
        return new Chunk(generation, from, next, EPOCH, records, 0);
    }
}
