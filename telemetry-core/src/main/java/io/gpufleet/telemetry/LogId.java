package io.gpufleet.telemetry;

import static java.util.Objects.requireNonNull;

import java.util.UUID;

/**
 * The log behind a topic's name: one topic of one cluster, from its creation to its deletion. The same name in another
 * cluster, or of a recreated topic, is another log. Immutable.
 *
 * @param clusterId the id of the Kafka cluster, not blank
 * @param topicId the id of the topic
 */
public record LogId(String clusterId, UUID topicId) {

    /**
     * Checks the components.
     *
     * @param clusterId as the component
     * @param topicId as the component
     */
    public LogId {
        requireNonNull(topicId, "topicId");
        if (clusterId.isBlank()) {
            throw new IllegalArgumentException("clusterId: \"" + clusterId + "\" is blank");
        }
    }

    /** Returns topic and cluster as text. */
    @Override
    public String toString() {
        return topicId + " of cluster " + clusterId;
    }
}
