package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.FencedException;
import io.gpufleet.telemetry.OffsetRange;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.PositionChange;
import io.gpufleet.telemetry.RefusedException;
import io.gpufleet.telemetry.SinkContext;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.internal.GuardedListener;
import io.gpufleet.telemetry.jdbc.internal.SqlFailure;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The operations of one consumer group in its transactions. Thread-safe. */
final class GroupWriter<T> {
    private static final Logger log = LoggerFactory.getLogger(GroupWriter.class);

    private final SinkContext context;
    private final Steps<T> steps;
    private final Fence fence;
    private final Positions positions;
    private final DeadLetterRows deadLetters;
    private final GuardedListener listener;
    private final Optional<OwnPositions<T>> ownPositions;

    /** Creates the writer of a group whose positions are in {@code consumer_offsets}. */
    GroupWriter(SinkContext context, Optional<String> schema, Steps<T> steps) {
        this(context, schema, steps, Optional.empty());
    }

    /**
     * Creates a writer.
     *
     * @param ownPositions moves positions that are elsewhere; absent if they are in {@code consumer_offsets}
     */
    GroupWriter(SinkContext context, Optional<String> schema, Steps<T> steps, Optional<OwnPositions<T>> ownPositions) {
        this.context = context;
        this.steps = steps;
        this.ownPositions = ownPositions;
        this.fence = new Fence(context.groupId(), schema);
        this.positions = new Positions(context.groupId(), schema);
        this.listener = new GuardedListener(context.listener(), log);
        this.deadLetters = new DeadLetterRows(context.groupId(), schema);
    }

    String group() {
        return context.groupId();
    }

    /** Returns whether the positions are in {@code consumer_offsets}, as those of consumers are. */
    boolean movesOffsets() {
        return ownPositions.isEmpty();
    }

    /** Returns whether another consumer than that of the context has opened the sink and still runs. */
    boolean isInUseByAnotherThan(SinkContext other) {
        return context.listener() != other.listener() && context.isInUse();
    }

    Map<SourcePartition, Position> positions(Connection connection, Collection<SourcePartition> partitions) {
        return Jdbi.create(connection).withHandle(handle -> positions.read(handle, partitions));
    }

    Map<SourcePartition, Instant> newestRecords(Connection connection, Collection<SourcePartition> partitions) {
        return Jdbi.create(connection).withHandle(handle -> positions.newestRecords(handle, partitions));
    }

    Map<SourcePartition, Position> change(Connection connection, Collection<PositionChange> changes)
            throws SQLException {
        List<SourcePartition> partitions =
                changes.stream().map(PositionChange::partition).toList();
        fence.lock(connection, partitions);
        return Jdbi.create(connection).withHandle(handle -> change(handle, changes, partitions));
    }

    private Map<SourcePartition, Position> change(
            Handle handle, Collection<PositionChange> changes, List<SourcePartition> partitions) {
        positions.change(handle, changes);
        return positions.read(handle, partitions);
    }

    /**
     * Writes a batch, unless the tables no longer take the days of some deliveries: then the consumer dead-letters
     * these first.
     */
    WriteContext<T> write(Connection connection, Batch<T> batch) throws SQLException {
        move(connection, batch);
        requireKept(steps.refused(connection, batch.deliveries()));
        writeDeadLetters(connection, batch);
        WriteContext<T> written = steps.run(connection, batch);
        if (ownPositions.isPresent()) {
            ownPositions.get().tell(written);
        }
        return written;
    }

    private static void requireKept(List<DeadLetter> refused) {
        if (!refused.isEmpty()) {
            throw new RefusedException(refused);
        }
    }

    private void move(Connection connection, Batch<T> batch) throws SQLException {
        if (ownPositions.isPresent()) {
            ownPositions.get().move(new WriteContext<>(connection, batch));
        } else {
            moveOffsets(connection, batch);
        }
    }

    private void moveOffsets(Connection connection, Batch<T> batch) throws SQLException {
        List<OffsetRange> ranges = batch.ranges();
        fence.lock(connection, ranges.stream().map(OffsetRange::partition).toList());
        Set<SourcePartition> fenced = fence.move(connection, ranges, NewestRecords.of(batch));
        if (!fenced.isEmpty()) {
            throw new FencedException(fenced);
        }
    }

    private void writeDeadLetters(Connection connection, Batch<T> batch) {
        try {
            deadLetters.write(connection, batch.deadLetters(), batch.ranges());
        } catch (SQLException e) {
            throw SqlFailure.toSinkException("dead letters", false, e);
        }
    }

    /** Passes an event to the listener. An exception from the listener does not undo the commit. */
    void report(TelemetryEvent event) {
        listener.on(event);
    }
}
