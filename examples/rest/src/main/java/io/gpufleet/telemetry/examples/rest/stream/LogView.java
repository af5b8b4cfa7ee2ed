package io.gpufleet.telemetry.examples.rest.stream;

import io.gpufleet.telemetry.examples.rest.stream.Resumption.Bounds;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;

/** Questions about the logs of a topic. */
final class LogView {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private LogView() {}

    static List<TopicPartition> partitions(String topic, Collection<Integer> numbers) {
        return numbers.stream().map(number -> new TopicPartition(topic, number)).toList();
    }

    /** Returns the bounds of logs, by partition. */
    static Map<Integer, Bounds> bounds(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        Map<TopicPartition, Long> first = consumer.beginningOffsets(partitions, LIMIT);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, LIMIT);
        Map<Integer, Bounds> bounds = new TreeMap<>();
        first.forEach((partition, offset) -> bounds.put(
                partition.partition(), new Bounds(offset, Math.max(offset, ends.getOrDefault(partition, offset)))));
        return bounds;
    }
}
