package io.gpufleet.telemetry.kafka;

import java.util.List;
import java.util.function.LongSupplier;

/**
 * The parts shared by the threads of one consumer. Immutable.
 *
 * @param lanes the lanes
 * @param keeper the keeper of the positions
 * @param mailbox the messages to the poll thread
 * @param budget the budget of buffered records
 * @param events the host's listener and the counters
 * @param nanoTime the clock
 */
record ConsumerParts<T>(
        List<Lane<T>> lanes,
        PositionKeeper keeper,
        Mailbox mailbox,
        BufferBudget budget,
        Events events,
        LongSupplier nanoTime) {}
