package io.gpufleet.telemetry;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * A request to set a partition's stored position without consuming, applied only if the position is still the expected
 * one. Immutable.
 *
 * @param partition the partition
 * @param expected the position that was read, absent if none was stored
 * @param replacement the position to store
 * @param gap the skipped offsets, recorded in the same transaction
 */
public record PositionChange(
        SourcePartition partition, Optional<Position> expected, Position replacement, Optional<Gap> gap) {

    /**
     * Checks the components.
     *
     * @param partition as the component
     * @param expected as the component
     * @param replacement as the component
     * @param gap as the component
     */
    public PositionChange {
        requireNonNull(partition, "partition");
        requireNonNull(expected, "expected");
        requireNonNull(replacement, "replacement");
        requireNonNull(gap, "gap");
    }
}
