package io.gpufleet.telemetry.benchmarks.pipeline;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** How far the partitions of a topic are done: what is delivered again is not done again. Thread-safe. */
final class Progress {
    private final Object lock = new Object();
    private final Map<Integer, Long> next = new HashMap<>();

    /** Takes records that are done, in the order of their offsets, and returns how many of them are new. */
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
