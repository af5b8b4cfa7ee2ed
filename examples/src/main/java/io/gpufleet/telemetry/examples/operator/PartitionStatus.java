package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.SourcePartition;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * The progress of a group in a partition. Immutable.
 *
 * @param partition the partition
 * @param offset its stored position; absent if there is none
 * @param lag how many records wait behind it; absent if it is not known
 * @param heldBack how many more an open transaction holds back; absent if it is not known
 * @param unmoved for how long the position has not moved, by the clock of the database
 * @param why why the lag is not known; empty if it is
 */
record PartitionStatus(
        SourcePartition partition,
        OptionalLong offset,
        OptionalLong lag,
        OptionalLong heldBack,
        Duration unmoved,
        String why) {

    /** Returns true if records wait and the position has not moved for long. */
    boolean looksStuck(Duration limit) {
        return lag.orElse(0) > 0 && unmoved.compareTo(limit) > 0;
    }
}
