package io.gpufleet.telemetry.jdbc.monitor;

import io.gpufleet.telemetry.TopicCluster.Topic;
import java.util.HashMap;
import java.util.Map;

/**
 * The records per second of topics, each from one reading to a later one; unknown for a topic that was recreated or has
 * lost records in between. Belongs to one thread.
 */
final class TopicRates {
    private static final double NANOS_A_SECOND = 1e9;

    private Map<String, Reading> begins = Map.of();

    private record Reading(Topic topic, long nanos) {
        boolean isContinuedBy(Topic later) {
            return topic.id().equals(later.id()) && topic.endOffset() <= later.endOffset();
        }
    }

    /**
     * Starts a measurement for each topic that has none it continues, and forgets the topics that are not in the
     * reading.
     */
    void begin(Map<String, Topic> topics, long nanos) {
        Map<String, Reading> next = new HashMap<>();
        topics.forEach((name, topic) -> {
            Reading begin = begins.get(name);
            next.put(name, begin != null && begin.isContinuedBy(topic) ? begin : new Reading(topic, nanos));
        });
        begins = next;
    }

    /** Returns the time until all measurements have reached an age. */
    long nanosUntilOld(long age, long nanos) {
        return begins.values().stream()
                .mapToLong(begin -> age - (nanos - begin.nanos()))
                .max()
                .orElse(0);
    }

    /** Returns the rates since the starts; the reading ends all measurements and starts new ones. */
    Map<String, Double> end(Map<String, Topic> topics, long nanos) {
        Map<String, Double> rates = new HashMap<>();
        Map<String, Reading> next = new HashMap<>();
        topics.forEach((name, topic) -> {
            Reading begin = begins.get(name);
            if (begin != null && begin.isContinuedBy(topic)) {
                long records = topic.endOffset() - begin.topic().endOffset();
                rates.put(name, records * NANOS_A_SECOND / (nanos - begin.nanos()));
            }
            next.put(name, new Reading(topic, nanos));
        });
        begins = next;
        return rates;
    }
}
