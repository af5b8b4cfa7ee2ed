package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.Gap;
import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.PositionChange;
import io.gpufleet.telemetry.ResetPolicy;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.kafka.internal.LogEnd;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The decision at which offset a partition continues: its stored position, unless there is none or the log does not
 * hold it (any more). A pure function. Immutable.
 *
 * @param policy the start when nothing else decides
 * @param partition the partition
 * @param log the present log behind the topic's name
 * @param beginning the first offset that the log holds
 * @param end the end of the log for a reader of committed records
 */
record StartPlan(ResetPolicy policy, SourcePartition partition, LogId log, long beginning, LogEnd end) {

    /** The group's knowledge of a topic, from the positions of its other partitions. */
    enum Known {
        /** Nothing: the group has never consumed it. */
        NOTHING,
        /** Its name: the group has consumed an earlier log of this name, before the topic was recreated. */
        NAME,
        /** This log: a partition without a position was added later, and is read from its beginning. */
        LOG
    }

    /**
     * Plans the first start. Records that the log has lost are a gap if the group knows the topic, but not if the topic
     * is new to it.
     *
     * @param adopted the offset committed by another consumer of the group, if it counts
     * @param known the group's knowledge of the topic
     */
    PositionChange first(OptionalLong adopted, Known known) {
        if (adopted.isPresent() && holds(adopted.getAsLong())) {
            return adopt(adopted.getAsLong());
        }
        long start = known == Known.LOG ? beginning : byPolicy("has no stored position");
        return begin(known == Known.NOTHING ? beginning : 0, start);
    }

    /** Plans an adopted start, which is recorded even if it skips nothing, so that its origin is known later. */
    private PositionChange adopt(long start) {
        Gap adoption = new Gap(Gap.Reason.ADOPTED, at(beginning), at(start));
        return new PositionChange(partition, Optional.empty(), at(start), Optional.of(adoption));
    }

    private PositionChange begin(long due, long start) {
        Position first = at(start);
        Gap.Reason reason = start > beginning ? Gap.Reason.START : Gap.Reason.EXPIRED;
        Optional<Gap> gap = start > due ? Optional.of(new Gap(reason, at(due), first)) : Optional.empty();
        return new PositionChange(partition, Optional.empty(), first, gap);
    }

    /**
     * Plans the continuation from a stored position; absent if it can be used as it is.
     *
     * @param truncatedTo the offset at which the client saw the log diverge from the consumed one, if it did
     */
    Optional<PositionChange> next(Position stored, OptionalLong truncatedTo) {
        if (!stored.log().equals(log)) {
            return move(stored, Gap.Reason.TOPIC_REPLACED, byPolicy("belongs to a log that was replaced"));
        }
        if (stored.nextOffset() < beginning) {
            return move(
                    stored,
                    Gap.Reason.EXPIRED,
                    byPolicy("has position " + stored.nextOffset() + ", which lies before the log's beginning "
                            + beginning));
        }
        long lastGood = Math.min(truncatedTo.orElse(stored.nextOffset()), Math.min(stored.nextOffset(), end.offset()));
        if (lastGood < stored.nextOffset() || isNewerThanTheLog(stored)) {
            return move(stored, Gap.Reason.TRUNCATED, Math.max(beginning, lastGood));
        }
        return Optional.empty();
    }

    /**
     * Plans the continuation in this log from a position of another cluster, whose offsets mean nothing here.
     *
     * @param atTime the first record that may not have been consumed there; absent if all records are older
     */
    PositionChange moveFrom(Position elsewhere, OptionalLong atTime) {
        long start = Math.max(beginning, Math.min(atTime.orElse(end.offset()), end.offset()));
        return moved(elsewhere, Gap.Reason.CLUSTER_MOVED, start);
    }

    /**
     * Returns whether the position follows a record of a leader that this log has not had (yet): the cluster was
     * restored to an earlier state. A client with such an epoch waits for it and consumes nothing.
     */
    private boolean isNewerThanTheLog(Position stored) {
        return end.leaderEpoch() >= 0 && stored.leaderEpoch() > end.leaderEpoch();
    }

    private Optional<PositionChange> move(Position stored, Gap.Reason reason, long offset) {
        return Optional.of(moved(stored, reason, offset));
    }

    private PositionChange moved(Position stored, Gap.Reason reason, long offset) {
        Position replacement = at(offset);
        Gap gap = new Gap(reason, stored, replacement);
        return new PositionChange(partition, Optional.of(stored), replacement, Optional.of(gap));
    }

    private long byPolicy(String why) {
        return switch (policy) {
            case EARLIEST -> beginning;
            case LATEST -> end.offset();
            case NONE ->
                throw new TelemetryException(partition + " " + why
                        + ", and the reset policy is NONE: set a position in the store, or choose EARLIEST or LATEST");
        };
    }

    private boolean holds(long offset) {
        return offset >= beginning && offset <= end.offset();
    }

    private Position at(long offset) {
        return new Position(log, offset, -1);
    }
}
