package io.gpufleet.telemetry;

import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/**
 * A sink that stores the group's positions beside the rows and moves them in the same transaction: the only truth about
 * progress, and the basis of exactly-once writes.
 *
 * <p>{@link #write} first compares every range's {@link OffsetRange#start()} with the stored position and moves it to
 * {@link OffsetRange#end()}; when one does not match, nothing is written and {@link FencedException} names the
 * partitions. It never creates a position: a missing one does not match. Only a transactional sink sees dead letters,
 * and it writes them in the same transaction. It names the records that it refuses in a {@link RefusedException}, with
 * nothing written, and gets them again as dead letters.
 *
 * <p>Implementations are thread-safe. Every method throws {@link SinkException} when the store fails.
 *
 * @param <T> the type of the values
 */
public interface TransactionalSink<T> extends Sink<T> {

    /**
     * Prepares the sink for one consumer and checks that its store is usable. Called before any other method, and again
     * after a transient failure, and for the next consumer when the one before has ended; a sink serves one consumer
     * group, and may refuse a second consumer while {@link SinkContext#isInUse()} is true of the first.
     *
     * @param context the group, and the receiver of the sink's own events
     */
    void open(SinkContext context);

    /**
     * Reads the stored positions.
     *
     * @param partitions the partitions
     * @return the positions of those that have one
     */
    Map<SourcePartition, Position> positions(Collection<SourcePartition> partitions);

    /**
     * Returns the time that the records before the stored positions reach. A group that moves to another cluster, where
     * offsets differ, continues at that time.
     *
     * @param partitions the partitions to look for
     * @return the largest timestamp of the written records of each log, at most the time of the write; only of
     *     partitions for which it is known (default: of none, so that the other cluster's logs are read from their
     *     beginning)
     */
    default Map<SourcePartition, Instant> newestRecords(Collection<SourcePartition> partitions) {
        return Map.of();
    }

    /**
     * Applies position changes with their gaps in one transaction, each only if the stored position is still the
     * expected one.
     *
     * @param changes at most one a partition
     * @return the positions stored afterwards, for every named partition, from this call or an earlier one
     */
    Map<SourcePartition, Position> change(Collection<PositionChange> changes);

    /**
     * Returns the wrapped sink, to which this one hands its batches unchanged while it measures, traces or logs. A
     * replay of dead letters looks through all wrappers for the sink that writes, and writes to that sink alone.
     *
     * @return the wrapped sink (default: none; a sink that changes batches wraps none)
     */
    default Optional<TransactionalSink<T>> wrapped() {
        return Optional.empty();
    }
}
