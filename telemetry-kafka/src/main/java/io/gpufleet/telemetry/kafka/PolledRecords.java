package io.gpufleet.telemetry.kafka;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;

/** The polled records that the host has not taken yet, in their order. Belongs to one thread. */
final class PolledRecords<K, V> {
    private final ArrayDeque<ConsumerRecord<K, V>> records = new ArrayDeque<>();

    void add(ConsumerRecords<K, V> polled) {
        polled.forEach(records::add);
    }

    /** Removes and returns the oldest records, up to a number. */
    List<ConsumerRecord<K, V>> take(int most) {
        List<ConsumerRecord<K, V>> taken = new ArrayList<>(Math.min(most, records.size()));
        while (taken.size() < most && !records.isEmpty()) {
            taken.add(records.remove());
        }
        return taken;
    }

    void forget(Collection<TopicPartition> partitions) {
        records.removeIf(record -> partitions.contains(new TopicPartition(record.topic(), record.partition())));
    }

    boolean isEmpty() {
        return records.isEmpty();
    }

    int size() {
        return records.size();
    }
}
