package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.SourcePartition;
import java.util.OptionalLong;

/**
 * The poll thread's request for a partition's position. Immutable.
 *
 * @param partition the partition
 * @param ticket distinguishes answers to older requests of the same partition
 * @param truncatedTo the offset at which the client saw the log diverge from the consumed one, if it did
 * @param logDiffers true if the client could not continue: with the stored leader epoch it would fail again in the same
 *     way
 */
record PositionRequest(SourcePartition partition, long ticket, OptionalLong truncatedTo, boolean logDiffers) {}
