package io.gpufleet.telemetry.kafka.internal;

import io.gpufleet.telemetry.kafka.internal.TopicAdmin.ClusterException;
import java.util.Map;

/**
 * The cluster's answers to one question about several topics or partitions: a missing answer does not affect the
 * others. Immutable.
 *
 * @param known the answers
 * @param failures the failures of the others; topics and partitions that do not exist are in neither
 */
public record Answers<K, V>(Map<K, V> known, Map<K, ClusterException> failures) {

    public Answers {
        known = Map.copyOf(known);
        failures = Map.copyOf(failures);
    }

    /**
     * Returns the answers to a caller that needs all of them.
     *
     * @throws ClusterException if one is missing
     */
    public Map<K, V> all() {
        for (ClusterException failure : failures.values()) {
            throw failure;
        }
        return known;
    }
}
