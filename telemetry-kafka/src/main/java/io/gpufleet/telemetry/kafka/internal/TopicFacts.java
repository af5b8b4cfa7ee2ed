package io.gpufleet.telemetry.kafka.internal;

import java.util.UUID;

/**
 * The facts about a topic, from the cluster. Immutable.
 *
 * @param id the topic's id; a topic that is recreated gets another
 * @param partitions how many partitions it has
 */
public record TopicFacts(UUID id, int partitions) {}
