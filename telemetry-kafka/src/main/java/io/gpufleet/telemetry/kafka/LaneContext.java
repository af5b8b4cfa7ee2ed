package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.TransactionalSink;

/**
 * The parts of a consumer shared with its lanes. Immutable.
 *
 * @param sink where batches go
 * @param topicIds the ids of the topics that are read
 * @param window the outcomes of the latest records
 * @param budget what is buffered
 * @param events the host's listener and the counters
 * @param owner whom the lane reports to
 * @param <T> the type of the values
 */
record LaneContext<T>(
        TransactionalSink<T> sink,
        TopicIds topicIds,
        DeadLetterWindow window,
        BufferBudget budget,
        Events events,
        Lane.Owner owner) {}
