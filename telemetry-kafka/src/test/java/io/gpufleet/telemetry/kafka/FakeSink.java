package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.FencedException;
import io.gpufleet.telemetry.OffsetRange;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.PositionChange;
import io.gpufleet.telemetry.RefusedException;
import io.gpufleet.telemetry.SinkContext;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TransactionalSink;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * A store in memory that compares and sets positions as a database does, and fails on demand. Each call is one
 * transaction. Thread-safe.
 */
public final class FakeSink implements TransactionalSink<String> {

    /** The fate of a transaction. */
    @FunctionalInterface
    interface Fault {
        Fault NONE = Runnable::run;

        void around(Runnable transaction);

        static Fault before(RuntimeException failure) {
            return transaction -> {
                throw failure;
            };
        }

        /** Commits the transaction, and loses the reply. */
        static Fault lostReply() {
            return transaction -> {
                transaction.run();
                throw new SinkException(SinkException.Kind.TRANSIENT, "the reply was lost");
            };
        }
    }

    final Map<SourcePartition, Position> positions = new HashMap<>();
    final Map<SourcePartition, Instant> newest = new HashMap<>();
    public final List<String> rows = new ArrayList<>();
    final List<DeadLetter> deadLetters = new ArrayList<>();
    final List<PositionChange> changes = new ArrayList<>();
    final List<String> calls = new ArrayList<>();
    final Deque<Fault> script = new ArrayDeque<>();
    Supplier<Fault> faults = () -> Fault.NONE;
    Supplier<Fault> readFaults = () -> Fault.NONE;
    Predicate<String> refused = value -> false;
    Predicate<String> perhapsRefused = value -> false;
    Predicate<Delivery<String>> tooOld = delivery -> false;
    Supplier<String> reason = () -> "failed: " + SinkException.Kind.FATAL_PERHAPS_DATA;
    Predicate<Delivery<String>> refusedAlone = delivery -> false;
    boolean idempotent;
    int mostDeliveries = Integer.MAX_VALUE;
    int writes;

    static SinkException failure(SinkException.Kind kind) {
        return new SinkException(kind, "failed: " + kind);
    }

    /** Stores the position of a partition. */
    public void begin(int partition, long offset) {
        positions.put(Logs.partition(partition), Logs.position(offset));
    }

    long offset(int partition) {
        return positions.get(Logs.partition(partition)).nextOffset();
    }

    @Override
    public synchronized void open(SinkContext context) {
        calls.add("open " + context.groupId());
    }

    @Override
    public synchronized Map<SourcePartition, Position> positions(Collection<SourcePartition> partitions) {
        calls.add("positions");
        Map<SourcePartition, Position> found = new HashMap<>(positions);
        found.keySet().retainAll(partitions);
        readFaults.get().around(() -> {});
        return found;
    }

    @Override
    public synchronized Map<SourcePartition, Instant> newestRecords(Collection<SourcePartition> partitions) {
        Map<SourcePartition, Instant> found = new HashMap<>(newest);
        found.keySet().retainAll(partitions);
        return found;
    }

    @Override
    public synchronized Map<SourcePartition, Position> change(Collection<PositionChange> wanted) {
        calls.add("change");
        Map<SourcePartition, Position> stored = new HashMap<>();
        for (PositionChange change : wanted) {
            boolean asExpected = change.expected()
                    .map(expected -> isAt(expected, change.partition()))
                    .orElse(!positions.containsKey(change.partition()));
            if (asExpected) {
                positions.put(change.partition(), change.replacement());
                changes.add(change);
            }
            stored.put(change.partition(), positions.get(change.partition()));
        }
        return stored;
    }

    @Override
    public synchronized void write(Batch<String> batch) {
        calls.add("write");
        writes++;
        Fault fault = script.isEmpty() ? faults.get() : script.pop();
        fault.around(() -> commit(batch));
    }

    @Override
    public boolean isIdempotent() {
        return idempotent;
    }

    private boolean isAt(Position expected, SourcePartition partition) {
        Position stored = positions.get(partition);
        return stored != null && stored.isSamePlaceAs(expected);
    }

    private void commit(Batch<String> batch) {
        if (batch.deliveries().size() > mostDeliveries) {
            throw failure(SinkException.Kind.TRANSIENT_PERHAPS_TOO_LARGE);
        }
        Set<SourcePartition> fenced = batch.ranges().stream()
                .filter(range -> !isAt(range.start(), range.partition()))
                .map(OffsetRange::partition)
                .collect(Collectors.toSet());
        if (!fenced.isEmpty()) {
            throw new FencedException(fenced);
        }
        List<DeadLetter> old = batch.deliveries().stream()
                .filter(tooOld)
                .map(delivery ->
                        new DeadLetter(delivery.source(), DeadLetter.Stage.VALIDATE, List.of("beyond retention")))
                .toList();
        if (!old.isEmpty()) {
            throw new RefusedException(old);
        }
        refuseValues(batch);
        if (batch.deliveries().stream().map(Delivery::value).anyMatch(perhapsRefused)) {
            throw new SinkException(SinkException.Kind.FATAL_PERHAPS_DATA, reason.get());
        }
        if (batch.deliveries().stream().map(Delivery::value).anyMatch(refused)) {
            throw failure(SinkException.Kind.DATA);
        }
        batch.ranges().forEach(range -> positions.put(range.partition(), range.end()));
        batch.deliveries().forEach(delivery -> rows.add(delivery.partition() + "@" + delivery.offset()));
        deadLetters.addAll(batch.deadLetters());
    }

    /** Refuses values, as a sink that finds the refused values of a record. */
    private void refuseValues(Batch<String> batch) {
        List<DeadLetter> letters = batch.deliveries().stream()
                .filter(refusedAlone)
                .map(delivery -> new DeadLetter(
                        delivery.source(), DeadLetter.Stage.WRITE, List.of("refused alone"), List.of(delivery.index())))
                .toList();
        if (!letters.isEmpty()) {
            throw new RefusedException(letters);
        }
    }
}
