package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.SourcePartition;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * The progress of a group in a partition. Immutable.
 *
 * @param partition the partition
 * @param offset the stored position; absent if there is none
 * @param lag the number of records after it; absent if unknown
 * @param heldBack the number of further records that an open transaction holds back; absent if unknown
 * @param unmoved the time since the position moved, by the clock of the database
 * @param why the reason why the lag is unknown; empty if it is known
 */
record PartitionStatus(
        SourcePartition partition,
        OptionalLong offset,
        OptionalLong lag,
        OptionalLong heldBack,
        Duration unmoved,
        String why) {

    /** Returns whether records wait and the position has not moved for long. */
    boolean looksStuck(Duration limit) {
        return lag.orElse(0) > 0 && unmoved.compareTo(limit) > 0;
    }
}
