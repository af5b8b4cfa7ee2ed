package io.gpufleet.telemetry.kafka.internal;

/**
 * Where a partition's log ends. Immutable.
 *
 * @param offset the offset behind the last committed record
 * @param leaderEpoch the epoch of the leader that said so, or -1 if it is not known
 */
public record LogEnd(long offset, int leaderEpoch) {}
