package io.gpufleet.telemetry.kafka;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.kafka.internal.TopicFacts;
import java.util.Map;

/**
 * The topics of one cluster at one moment. Immutable.
 *
 * @param clusterId the cluster
 * @param facts the facts about the existing topics
 */
record ClusterTopics(String clusterId, Map<String, TopicFacts> facts) {

    /** Returns the log behind the name of an existing topic. */
    LogId log(String topic) {
        return new LogId(clusterId, requireNonNull(facts.get(topic), topic).id());
    }
}
