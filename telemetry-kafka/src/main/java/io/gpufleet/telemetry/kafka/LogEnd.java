package io.gpufleet.telemetry.kafka;

/**
 * Where a partition's log ends. Immutable.
 *
 * @param offset the offset behind the last committed record
 * @param leaderEpoch the epoch of the leader that said so, or -1 if it is not known
 */
record LogEnd(long offset, int leaderEpoch) {}
