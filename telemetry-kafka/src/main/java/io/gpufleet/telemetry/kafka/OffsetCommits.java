package io.gpufleet.telemetry.kafka;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The commits of the group's offsets after the writes: for lag tools, and as the positions of a plain sink. A failed
 * commit is repeated with the next one. Owned by the poll thread.
 */
final class OffsetCommits {
    private static final Logger log = LoggerFactory.getLogger(OffsetCommits.class);
    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Consumer<byte[], byte[]> consumer;
    private final Map<TopicPartition, OffsetAndMetadata> due = new HashMap<>();
    private long committedAtNanos;
    private boolean inFlight;

    OffsetCommits(Consumer<byte[], byte[]> consumer, long nowNanos) {
        this.consumer = consumer;
        this.committedAtNanos = nowNanos;
    }

    void add(AssignedPartition partition) {
        due.put(partition.kafkaName(), partition.commit());
    }

    void forget(Collection<TopicPartition> partitions) {
        due.keySet().removeAll(partitions);
    }

    /** Commits the due offsets, at most once a second, without waiting. */
    void commitNow(long nowNanos) {
        if (due.isEmpty() || inFlight || nowNanos - committedAtNanos < INTERVAL_NANOS) {
            return;
        }
        Map<TopicPartition, OffsetAndMetadata> offsets = Map.copyOf(due);
        committedAtNanos = nowNanos;
        inFlight = true;
        consumer.commitAsync(offsets, (sent, failure) -> {
            inFlight = false;
            if (failure == null) {
                sent.forEach(due::remove);
            } else {
                log.debug("Offsets were not committed; retrying with the next commit: {}", failure.toString());
            }
        });
    }

    /** Forgets all offsets: a failed commit is not retried while the consumer leaves the group. */
    void forgetAll() {
        due.clear();
    }

    /** Commits the due offsets of partitions that are revoked, and waits for the commit. */
    void commitAndWait(Duration limit) {
        if (due.isEmpty()) {
            return;
        }
        try {
            consumer.commitSync(Map.copyOf(due), limit);
            due.clear();
        } catch (KafkaException e) {
            log.debug("Last offsets were not committed: {}", e.toString());
        }
    }
}
