package io.gpufleet.telemetry.kafka.internal;

import java.util.UUID;

/**
 * What the cluster says about a topic. Immutable.
 *
 * @param id the topic's id; a topic that is recreated gets another
 * @param partitions how many partitions it has
 */
public record TopicFacts(UUID id, int partitions) {}
