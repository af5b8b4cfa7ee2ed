package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.DeadLetterSink;
import io.gpufleet.telemetry.DeadLettersRefusedException;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.PositionChange;
import io.gpufleet.telemetry.Sink;
import io.gpufleet.telemetry.SinkContext;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.TransactionalSink;
import io.gpufleet.telemetry.internal.HostFault;
import io.gpufleet.telemetry.internal.OwnThread;
import io.gpufleet.telemetry.kafka.internal.TopicAdmin;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;

/**
 * An adapter of a plain sink to a transactional one: the positions are the group's committed offsets, which the poll
 * thread commits after the writes, and dead letters go to their own sink first. An offset counts by its
 * {@linkplain CommitMark mark}: one that belongs to another log is a position in that log, and one without a mark was
 * committed by another consumer. Thread-safe, if the sinks are.
 */
final class AtLeastOnceSink<T> implements TransactionalSink<T> {
    private final Sink<T> sink;
    private final DeadLetterSink deadLetters;

    /** The dead letters that are durable while the rows beside them are retried; forgotten with their batch. */
    private final Set<DeadLetter> acknowledged =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    private final TopicAdmin cluster;
    private String groupId = "";

    /**
     * Wraps a sink.
     *
     * @param cluster the keeper of the committed offsets
     */
    AtLeastOnceSink(Sink<T> sink, DeadLetterSink deadLetters, TopicAdmin cluster) {
        this.sink = sink;
        this.deadLetters = deadLetters;
        this.cluster = cluster;
    }

    @Override
    public String toString() {
        return sink.toString();
    }

    @Override
    public void open(SinkContext context) {
        groupId = context.groupId();
    }

    @Override
    public Map<SourcePartition, Position> positions(Collection<SourcePartition> partitions) {
        try {
            return committed(partitions);
        } catch (TopicAdmin.ClusterException e) {
            throw new SinkException(
                    TopicAdmin.isRetriable(e) ? SinkException.Kind.TRANSIENT : SinkException.Kind.FATAL,
                    "Committed offsets are unknown: " + e.getMessage(),
                    e);
        }
    }

    private Map<SourcePartition, Position> committed(Collection<SourcePartition> partitions) {
        Map<SourcePartition, Position> positions = new HashMap<>();
        cluster.committed(groupId).forEach((partition, offset) -> {
            if (partitions.contains(partition)) {
                position(offset).ifPresent(position -> positions.put(partition, position));
            }
        });
        return positions;
    }

    private static Optional<Position> position(OffsetAndMetadata committed) {
        return CommitMark.read(committed.metadata())
                .map(log -> new Position(
                        log, committed.offset(), committed.leaderEpoch().orElse(-1)));
    }

    /** Accepts every change: the poll thread commits the position at which a partition begins. */
    @Override
    public Map<SourcePartition, Position> change(Collection<PositionChange> changes) {
        return changes.stream().collect(Collectors.toMap(PositionChange::partition, PositionChange::replacement));
    }

    @Override
    public boolean isIdempotent() {
        return sink.isIdempotent();
    }

    @Override
    public void write(Batch<T> batch) {
        List<DeadLetter> open = batch.deadLetters().stream()
                .filter(letter -> !acknowledged.contains(letter))
                .toList();
        if (!open.isEmpty()) {
            call("Dead-letter sink", () -> setAside(open));
            acknowledged.addAll(open);
        }
        if (!batch.deliveries().isEmpty()) {
            call("Sink", () -> sink.write(batch));
        }
        acknowledged.removeAll(batch.deadLetters());
    }

    /** Calls the host's sink; an undeclared checked exception, possible in other JVM languages, is handled too. */
    private static void call(String what, Runnable code) {
        boolean interrupted = Thread.currentThread().isInterrupted();
        try {
            code.run();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new SinkException(SinkException.Kind.FATAL, what + " failed: " + HostFault.describe(e), e);
        } finally {
            OwnThread.forgetInterrupt(interrupted);
        }
    }

    /** A refused letter is fatal, not a data failure: that would blame the rows beside it. */
    private void setAside(List<DeadLetter> letters) {
        try {
            deadLetters.write(letters);
        } catch (SinkException e) {
            throw e.kind() == SinkException.Kind.DATA ? refused(e) : e;
        } catch (DeadLettersRefusedException e) {
            throw refused(e);
        }
    }

    private static SinkException refused(TelemetryException cause) {
        return new SinkException(
                SinkException.Kind.FATAL, "Dead-letter sink refused a dead letter: " + cause.getMessage(), cause);
    }
}
