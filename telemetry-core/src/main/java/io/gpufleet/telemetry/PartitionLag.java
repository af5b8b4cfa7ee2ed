package io.gpufleet.telemetry;

import java.time.Duration;

/**
 * How far a consumer is behind in one partition. Immutable.
 *
 * @param durableOffset everything before it is written
 * @param endOffset the end of the log, up to which committed records can be read
 * @param behind the age of the newest record that is written, 0 if nothing is left to be written or it is not known
 */
public record PartitionLag(long durableOffset, long endOffset, Duration behind) {

    /**
     * Returns the lag in messages.
     *
     * @return offsets between the position and the end, 0 or more
     */
    public long messages() {
        return Math.max(0, endOffset - durableOffset);
    }
}
