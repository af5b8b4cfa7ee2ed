package io.gpufleet.telemetry.kafka.internal;

import io.gpufleet.telemetry.SourcePartition;
import org.apache.kafka.common.TopicPartition;

/** The conversion between Kafka's partitions and source partitions. */
public final class TopicPartitions {
    private TopicPartitions() {}

    public static TopicPartition toKafka(SourcePartition partition) {
        return new TopicPartition(partition.topic(), partition.partition());
    }

    public static SourcePartition fromKafka(TopicPartition partition) {
        return new SourcePartition(partition.topic(), partition.partition());
    }
}
