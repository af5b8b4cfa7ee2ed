package io.gpufleet.telemetry.kafka.internal;

/**
 * The end of a partition's log. Immutable.
 *
 * @param offset the offset behind the last committed record
 * @param leaderEpoch the epoch of the leader that reported it, or -1 if it is unknown
 */
public record LogEnd(long offset, int leaderEpoch) {}
