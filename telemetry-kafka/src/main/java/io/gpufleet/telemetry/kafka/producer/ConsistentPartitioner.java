package io.gpufleet.telemetry.kafka.producer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.producer.Partitioner;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.config.ConfigDef;
import org.jspecify.annotations.Nullable;

/**
 * A partitioner that moves as few keys as possible when a topic grows: from n to m partitions, (m-n)/m of them, and
 * only into the new ones. Kafka's own, a hash modulo the number of partitions, moves nearly all keys from 32 to 33.
 *
 * <pre>{@code
 * GpuSamplePublisher.builder("localhost:9092")
 *         .overrides(Map.of("partitioner.class", ConsistentPartitioner.class.getName()))
 *         .build();
 * }</pre>
 *
 * <p>The partition is the jump hash (Lamping and Veach, 2014) of MurmurHash64A, seed 0, of the key's bytes. All
 * producers of a topic must use it, or one key lies in two partitions. A record without a key goes to a random
 * partition that has a leader, and the further ones follow it until they fill {@code batch.size}, as with Kafka's own.
 *
 * <p>Kafka creates it by its name. Thread-safe.
 */
public final class ConsistentPartitioner implements Partitioner {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long MURMUR = 0xc6a4a7935bd1e995L;
    private static final int MURMUR_SHIFT = 47;
    private static final int BYTE_BITS = 8;

    private static final long JUMP_FACTOR = 2_862_933_555_777_941_757L;
    private static final double JUMP_RANGE = 1L << 31;
    private static final int JUMP_SHIFT = 33;

    private static final int USUAL_BATCH_BYTES = 16 * 1024;

    private final Map<String, StickyPartition> keyless = new ConcurrentHashMap<>();
    private int batchBytes = USUAL_BATCH_BYTES;

    /** Creates a partitioner; Kafka's producer does so. */
    public ConsistentPartitioner() {}

    @Override
    public void configure(Map<String, ?> settings) {
        Object bytes = settings.get(ProducerConfig.BATCH_SIZE_CONFIG);
        if (bytes != null) {
            batchBytes = (Integer) ConfigDef.parseType(ProducerConfig.BATCH_SIZE_CONFIG, bytes, ConfigDef.Type.INT);
        }
    }

    @Override
    public int partition(
            String topic,
            @Nullable Object key,
            byte @Nullable [] keyBytes,
            @Nullable Object value,
            byte @Nullable [] valueBytes,
            Cluster cluster) {
        if (keyBytes == null) {
            return keyless.computeIfAbsent(topic, name -> new StickyPartition(name, batchBytes))
                    .next(valueBytes == null ? 0 : valueBytes.length, cluster);
        }
        return jump(hash(keyBytes), cluster.partitionCountForTopic(topic));
    }

    /** Returns MurmurHash64A with the seed 0, of bytes as little-endian longs. */
    static long hash(byte[] bytes) {
        long hash = bytes.length * MURMUR;
        int at = 0;
        for (; at + Long.BYTES <= bytes.length; at += Long.BYTES) {
            long block = mixed((long) LONGS.get(bytes, at) * MURMUR) * MURMUR;
            hash = (hash ^ block) * MURMUR;
        }
        if (at < bytes.length) {
            hash = (hash ^ tail(bytes, at)) * MURMUR;
        }
        return mixed(mixed(hash) * MURMUR);
    }

    private static long tail(byte[] bytes, int from) {
        long tail = 0;
        for (int i = bytes.length - 1; i >= from; i--) {
            tail = tail << BYTE_BITS | Byte.toUnsignedLong(bytes[i]);
        }
        return tail;
    }

    private static long mixed(long value) {
        return value ^ value >>> MURMUR_SHIFT;
    }

    /** Returns the bucket of a hash: in a growing number of buckets it stays, or moves to a new one. */
    static int jump(long hash, int buckets) {
        long state = hash;
        long bucket = 0;
        for (long next = 0; next < buckets; ) {
            bucket = next;
            state = state * JUMP_FACTOR + 1;
            next = (long) ((bucket + 1) * (JUMP_RANGE / ((state >>> JUMP_SHIFT) + 1)));
        }
        return (int) bucket;
    }

    @Override
    public void close() {
        keyless.clear();
    }
}
