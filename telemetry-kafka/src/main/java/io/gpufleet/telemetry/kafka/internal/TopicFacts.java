package io.gpufleet.telemetry.kafka.internal;

import java.util.UUID;

/**
 * The facts about a topic, from the cluster. Immutable.
 *
 * @param id the topic's id; a recreated topic has another
 * @param partitions the number of its partitions
 */
public record TopicFacts(UUID id, int partitions) {}
