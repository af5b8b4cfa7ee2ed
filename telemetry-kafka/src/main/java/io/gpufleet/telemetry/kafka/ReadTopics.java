package io.gpufleet.telemetry.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/**
 * The topics that a consumer has read, with any of its clients: a right that is missing later was withdrawn, and may
 * come back. Time is passed in. Owned by the poll thread.
 */
final class ReadTopics {
    /** A refused fetch fails at once, so a longer time without a failure proves the right. */
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(5);

    private final Set<String> read = new HashSet<>();
    private final Map<String, Long> openedAtNanos = new HashMap<>();

    /** Notes partitions that may be fetched from now on. */
    void opened(Iterable<TopicPartition> partitions, long nowNanos) {
        partitions.forEach(name -> openedAtNanos.putIfAbsent(name.topic(), nowNanos));
    }

    /** Notes partitions that have delivered records. */
    void read(Iterable<TopicPartition> partitions) {
        partitions.forEach(name -> read.add(name.topic()));
    }

    /** Returns whether a topic could be read, with records or without a failure for a while. */
    boolean contains(String topic, long nowNanos) {
        Long since = openedAtNanos.get(topic);
        return read.contains(topic) || (since != null && nowNanos - since > LONG_ENOUGH.toNanos());
    }
}
