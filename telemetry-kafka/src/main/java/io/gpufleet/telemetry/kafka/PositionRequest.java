package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.SourcePartition;
import java.util.OptionalLong;

/**
 * The poll thread's question for a partition's position. Immutable.
 *
 * @param partition the partition
 * @param ticket distinguishes answers to older requests of the same partition
 * @param truncatedTo where the client saw the log diverge from what was consumed, if it did
 * @param logDiffers true if the client could not go on: a stored leader epoch would send it into the same failure again
 */
record PositionRequest(SourcePartition partition, long ticket, OptionalLong truncatedTo, boolean logDiffers) {}
