package io.gpufleet.telemetry.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/**
 * The topics already read by a consumer, with any of its clients: a right missing later was taken away, and may come
 * back. Time is passed in. Owned by the poll thread.
 */
final class ReadTopics {
    /** A refused fetch comes back at once. */
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(5);

    private final Set<String> read = new HashSet<>();
    private final Map<String, Long> openedAtNanos = new HashMap<>();

    /** Takes partitions that may be fetched from now on. */
    void opened(Iterable<TopicPartition> partitions, long nowNanos) {
        partitions.forEach(name -> openedAtNanos.putIfAbsent(name.topic(), nowNanos));
    }

    /** Takes partitions that have delivered records. */
    void read(Iterable<TopicPartition> partitions) {
        partitions.forEach(name -> read.add(name.topic()));
    }

    /** Returns whether a topic could be read, if only in vain for a while. */
    boolean contains(String topic, long nowNanos) {
        Long since = openedAtNanos.get(topic);
        return read.contains(topic) || (since != null && nowNanos - since > LONG_ENOUGH.toNanos());
    }
}
