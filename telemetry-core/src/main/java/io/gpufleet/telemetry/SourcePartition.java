package io.gpufleet.telemetry;

import static java.util.Objects.requireNonNull;

/**
 * A partition of a topic, the source of records. Ordered by topic, then by number. Immutable.
 *
 * @param topic the topic's name
 * @param partition the partition's number, 0 or more
 */
public record SourcePartition(String topic, int partition) implements Comparable<SourcePartition> {

    /**
     * Checks the components.
     *
     * @param topic as the component
     * @param partition as the component
     */
    public SourcePartition {
        requireNonNull(topic, "topic");
        if (partition < 0) {
            throw new IllegalArgumentException("partition: " + partition + " is not 0 or more");
        }
    }

    @Override
    public int compareTo(SourcePartition other) {
        int byTopic = topic.compareTo(other.topic);
        return byTopic != 0 ? byTopic : Integer.compare(partition, other.partition);
    }

    /** Returns {@code topic-partition}, as Kafka's tools print it. */
    @Override
    public String toString() {
        return topic + '-' + partition;
    }
}
