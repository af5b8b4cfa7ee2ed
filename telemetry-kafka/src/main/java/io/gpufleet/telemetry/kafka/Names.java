package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.SourcePartition;
import org.apache.kafka.common.TopicPartition;

/** Kafka's name of a partition and ours. */
final class Names {
    private Names() {}

    static TopicPartition toKafka(SourcePartition partition) {
        return new TopicPartition(partition.topic(), partition.partition());
    }

    static SourcePartition fromKafka(TopicPartition partition) {
        return new SourcePartition(partition.topic(), partition.partition());
    }
}
