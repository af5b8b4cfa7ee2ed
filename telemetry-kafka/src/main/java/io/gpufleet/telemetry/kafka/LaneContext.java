package io.gpufleet.telemetry.kafka;

/**
 * What a lane shares with the rest of its consumer. Immutable.
 *
 * @param window the outcomes of the latest records
 * @param budget what is buffered
 * @param events the host's listener and the counters
 * @param owner whom the lane reports to
 */
record LaneContext(DeadLetterWindow window, BufferBudget budget, Events events, Lane.Owner owner) {}
