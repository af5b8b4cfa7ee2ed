package io.gpufleet.telemetry.kafka.internal;

import io.gpufleet.telemetry.kafka.internal.TopicAdmin.ClusterException;
import java.util.Map;

/**
 * The cluster's answers to one question about several topics or partitions: one without an answer costs no other one
 * its answer. Immutable.
 *
 * @param known the answers
 * @param failures why the others have none; what does not exist is in neither
 */
public record Answers<K, V>(Map<K, V> known, Map<K, ClusterException> failures) {

    public Answers {
        known = Map.copyOf(known);
        failures = Map.copyOf(failures);
    }

    /**
     * Returns the answers, for a caller that can use all of them only.
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
