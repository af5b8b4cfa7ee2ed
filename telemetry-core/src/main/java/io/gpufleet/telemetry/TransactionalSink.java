package io.gpufleet.telemetry;

import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/**
 * A sink with the group's positions beside the rows, moved in the transaction of the rows: the only truth about
 * progress, and the basis of writing exactly once.
 *
 * <p>{@link #write} first compares every range's {@link OffsetRange#start()} with the stored position and moves it to
 * {@link OffsetRange#end()}; when one does not match, nothing is written and {@link FencedException} names the
 * partitions. It never creates a position: a missing one does not match. Only a transactional sink sees dead letters,
 * and it writes them in the same transaction. What it does not take itself it names in a {@link RefusedException}, with
 * nothing written; it gets these records again, as dead letters.
 *
 * <p>Implementations are thread-safe. Every method throws {@link SinkException} when the store fails.
 *
 * @param <T> the type of the values
 */
public interface TransactionalSink<T> extends Sink<T> {

    /**
     * Prepares the sink for one consumer and checks that its store is usable. Called before any other method, and again
     * after a transient failure, and by the next consumer when the one before has ended; a sink serves one consumer
     * group, and may refuse a second consumer while {@link SinkContext#isInUse()} is true of the first.
     *
     * @param context the group, and where to report what happens inside the sink
     */
    void open(SinkContext context);

    /**
     * Reads the stored positions.
     *
     * @param partitions the partitions to look for
     * @return the positions of those that have one
     */
    Map<SourcePartition, Position> positions(Collection<SourcePartition> partitions);

    /**
     * Returns how far in time the records reach that lie before the stored positions: where a group goes on that moves
     * to another cluster, in which offsets are others.
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
     * @return what is stored afterwards, for every partition named, from this call or an earlier one
     */
    Map<SourcePartition, Position> change(Collection<PositionChange> changes);

    /**
     * Returns the sink that this one hands its batches to as they are, around which it measures, traces or logs. What
     * needs the sink that writes finds it through its wrappers; a replay of dead letters does, and writes to it alone.
     *
     * @return the wrapped sink (default: none; a sink that changes batches wraps none)
     */
    default Optional<TransactionalSink<T>> wrapped() {
        return Optional.empty();
    }
}
