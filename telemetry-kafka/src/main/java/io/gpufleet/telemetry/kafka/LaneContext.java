package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.TransactionalSink;

/**
 * The parts of a consumer shared with its lanes. Immutable.
 *
 * @param sink the destination of batches
 * @param topicIds the ids of the topics that are read
 * @param window the outcomes of the latest records
 * @param refusals the refusals whose dead letters are stored
 * @param budget the budget of buffered records
 * @param events the host's listener and the counters
 * @param owner the receiver of the lane's reports
 * @param <T> the type of the values
 */
record LaneContext<T>(
        TransactionalSink<T> sink,
        TopicIds topicIds,
        DeadLetterWindow window,
        RepeatedRefusals refusals,
        BufferBudget budget,
        Events events,
        Lane.Owner owner) {}
