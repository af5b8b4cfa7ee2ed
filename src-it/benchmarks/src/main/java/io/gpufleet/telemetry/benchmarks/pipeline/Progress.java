package io.gpufleet.telemetry.benchmarks.pipeline;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** The progress in the partitions of a topic, which does not count repeated deliveries. Thread-safe. */
final class Progress {
    private final Object lock = new Object();
    private final Map<Integer, Long> next = new HashMap<>();

    /** Counts durable records, in the order of their offsets, and returns the number of new ones. */
    long advance(List<ConsumerRecord<byte[], byte[]>> records) {
        synchronized (lock) {
            return records.stream().filter(this::isNew).count();
        }
    }

    private boolean isNew(ConsumerRecord<byte[], byte[]> record) {
        long before = next.getOrDefault(record.partition(), 0L);
        next.put(record.partition(), Math.max(before, record.offset() + 1));
        return record.offset() >= before;
    }
}
