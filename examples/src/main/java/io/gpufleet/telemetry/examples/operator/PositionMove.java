package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.Gap;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.PositionChange;
import io.gpufleet.telemetry.SourcePartition;
import java.util.Optional;

/**
 * A move of a position from the offset that was read. Immutable.
 *
 * @param partition the partition
 * @param from the position that was read
 * @param to the new position
 */
record PositionMove(SourcePartition partition, Position from, Position to) {

    boolean isNeeded() {
        return !from.isSamePlaceAs(to);
    }

    boolean leavesTheLog() {
        return !from.log().equals(to.log());
    }

    boolean leavesTheCluster() {
        return !from.log().clusterId().equals(to.log().clusterId());
    }

    /** Returns the number of offsets that no consumer applies: those skipped by a move forward. */
    long passedOver() {
        return leavesTheLog() ? 0 : Math.max(0, to.nextOffset() - from.nextOffset());
    }

    /** Returns the number of offsets that are consumed once more by a move back. */
    long readAgain() {
        return leavesTheLog() ? 0 : Math.max(0, from.nextOffset() - to.nextOffset());
    }

    /** Returns the change, with a gap if records are skipped; a move back is a replay and skips none. */
    PositionChange change() {
        boolean passesOver = leavesTheLog() || passedOver() > 0;
        Optional<Gap> gap = passesOver ? Optional.of(new Gap(reason(), from, to)) : Optional.empty();
        return new PositionChange(partition, Optional.of(from), to, gap);
    }

    private Gap.Reason reason() {
        return leavesTheCluster() ? Gap.Reason.CLUSTER_MOVED : Gap.Reason.RESET;
    }

    @Override
    public String toString() {
        if (leavesTheCluster()) {
            return "to cluster " + to.log().clusterId();
        }
        if (leavesTheLog()) {
            return "to the topic's new log";
        }
        return passedOver() > 0 ? "forward" : "back";
    }
}
