package io.gpufleet.telemetry;

import java.time.Duration;
import java.util.Optional;

/**
 * How far a consumer is behind in one partition. Immutable.
 *
 * @param durableOffset everything before it is written
 * @param endOffset the end of the log, up to which committed records can be read
 * @param behind the lag in time: the age of the newest record that is written, 0 if nothing is left to be written;
 *     absent if this consumer has written none yet
 */
public record PartitionLag(long durableOffset, long endOffset, Optional<Duration> behind) {

    /**
     * Returns the lag in messages.
     *
     * @return offsets between the position and the end, 0 or more
     */
    public long messages() {
        return Math.max(0, endOffset - durableOffset);
    }
}
