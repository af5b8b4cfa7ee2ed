package io.gpufleet.telemetry.examples.operator;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.TransactionalSink;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Sets the positions of a group, each only from where it was seen. A running consumer may move one between the look and
 * the change: then it is looked at again, a few times. Not thread-safe.
 */
final class PositionReset {
    /** A batch takes longer than a look and a change: more than once in a row is rare. */
    static final int ATTEMPTS = 5;

    private final TransactionalSink<?> sink;
    private final Function<Collection<SourcePartition>, Map<SourcePartition, Position>> targets;

    /**
     * Prepares a reset.
     *
     * @param sink keeps the positions of the group
     * @param targets returns the offsets to set, as the logs are at the call
     */
    PositionReset(
            TransactionalSink<?> sink, Function<Collection<SourcePartition>, Map<SourcePartition, Position>> targets) {
        this.sink = sink;
        this.targets = targets;
    }

    /**
     * Returns the moves that {@link #run} would make now.
     *
     * @throws TelemetryException if a partition has no position
     */
    List<PositionMove> plan(Collection<SourcePartition> partitions) {
        Map<SourcePartition, Position> wanted = new TreeMap<>(targets.apply(partitions));
        Map<SourcePartition, Position> stored = stored(sink, wanted.keySet());
        return wanted.entrySet().stream()
                .map(entry -> new PositionMove(
                        entry.getKey(), requireNonNull(stored.get(entry.getKey()), "position"), entry.getValue()))
                .toList();
    }

    /**
     * Reads where the group stands.
     *
     * @throws TelemetryException if a partition has no position
     */
    private static Map<SourcePartition, Position> stored(
            TransactionalSink<?> sink, Collection<SourcePartition> partitions) {
        Map<SourcePartition, Position> stored = sink.positions(partitions);
        List<String> missing = partitions.stream()
                .filter(partition -> !stored.containsKey(partition))
                .map(SourcePartition::toString)
                .toList();
        if (!missing.isEmpty()) {
            throw new TelemetryException("No position is stored for " + String.join(", ", missing)
                    + ": start a consumer of the group, which stores where it begins, or choose other partitions with"
                    + " --partition");
        }
        return stored;
    }

    /** Sets the positions, all that were not moved meanwhile in one transaction, then the others. */
    List<Outcome> run(Collection<SourcePartition> partitions) {
        Map<SourcePartition, Outcome> outcomes = new TreeMap<>();
        Collection<SourcePartition> open = partitions;
        for (int attempt = 1; attempt <= ATTEMPTS && !open.isEmpty(); attempt++) {
            for (Outcome outcome : attempt(plan(open), attempt)) {
                outcomes.put(outcome.move().partition(), outcome);
            }
            open = outcomes.values().stream()
                    .filter(outcome -> !outcome.done())
                    .map(outcome -> outcome.move().partition())
                    .toList();
        }
        return List.copyOf(outcomes.values());
    }

    /**
     * Fails if a position is not where it was to be.
     *
     * @throws TelemetryException naming those that are not
     */
    static void requireDone(List<Outcome> outcomes) {
        List<String> failed = outcomes.stream()
                .filter(outcome -> !outcome.done())
                .map(outcome -> outcome.move().partition().toString())
                .toList();
        if (!failed.isEmpty()) {
            throw new TelemetryException("Not moved: " + String.join(", ", failed) + "; a running consumer moved it "
                    + ATTEMPTS + " times meanwhile: try again, or stop the consumer first");
        }
    }

    private List<Outcome> attempt(List<PositionMove> moves, int attempt) {
        Map<SourcePartition, Position> stored = sink.change(moves.stream()
                .filter(PositionMove::isNeeded)
                .map(PositionMove::change)
                .toList());
        return moves.stream()
                .map(move -> new Outcome(move, attempt, !move.isNeeded() || isDone(move, stored)))
                .toList();
    }

    /**
     * A consumer that came to the very place by itself has stored the epoch of its last record with it: then this is
     * not our doing, and the next look finds it there.
     */
    private static boolean isDone(PositionMove move, Map<SourcePartition, Position> stored) {
        return move.to().equals(stored.get(move.partition()));
    }

    /**
     * What has become of a position. Immutable.
     *
     * @param move what was tried last
     * @param attempts how often it was tried
     * @param done whether the position is where it was to be
     */
    record Outcome(PositionMove move, int attempts, boolean done) {}
}
