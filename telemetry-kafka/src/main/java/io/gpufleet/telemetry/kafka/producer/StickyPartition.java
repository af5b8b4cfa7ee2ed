package io.gpufleet.telemetry.kafka.producer;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.PartitionInfo;

/** The partition for records of a topic without a key: the same until they fill a batch. Thread-safe. */
final class StickyPartition {
    private static final int NONE = -1;

    private final String topic;
    private final int batchBytes;
    private final Object lock = new Object();
    private int partition = NONE;
    private long bytes;

    StickyPartition(String topic, int batchBytes) {
        this.topic = topic;
        this.batchBytes = batchBytes;
    }

    /** Returns the partition for a record of a size. */
    int next(int size, Cluster cluster) {
        synchronized (lock) {
            if (partition == NONE || bytes >= batchBytes || !hasLeader(cluster)) {
                partition = any(cluster);
                bytes = 0;
            }
            bytes += size;
            return partition;
        }
    }

    private boolean hasLeader(Cluster cluster) {
        return cluster.availablePartitionsForTopic(topic).stream().anyMatch(info -> info.partition() == partition);
    }

    /** Returns a partition with a leader; any partition if none has one. */
    private int any(Cluster cluster) {
        List<PartitionInfo> led = cluster.availablePartitionsForTopic(topic);
        List<PartitionInfo> all = led.isEmpty() ? cluster.partitionsForTopic(topic) : led;
        return all.get(ThreadLocalRandom.current().nextInt(all.size())).partition();
    }
}
