package io.gpufleet.telemetry.kafka;

import org.apache.kafka.clients.consumer.Consumer;

/**
 * The Kafka client of one poll loop. Immutable.
 *
 * @param consumer the client
 * @param cluster the clusters that the client has reached
 * @param closing the action before the client is closed
 */
record PollClient(Consumer<byte[], byte[]> consumer, ClientCluster cluster, Runnable closing) {}
