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
 * The reset of a group's positions, each only from the position that was read. If a running consumer moves one in
 * between, the reset reads it and retries, a few times. Not thread-safe.
 */
final class PositionReset {
    /**
     * The number of attempts. A batch takes longer than reading and changing a position, so repeated conflicts are
     * rare.
     */
    static final int ATTEMPTS = 5;

    private final TransactionalSink<?> sink;
    private final Function<Collection<SourcePartition>, Map<SourcePartition, Position>> targets;

    /**
     * Prepares a reset.
     *
     * @param sink the sink of the group's positions
     * @param targets returns the offsets to set, by the current logs
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
     * Returns the stored positions of the group.
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
                    + ": start a consumer of the group, which stores its start, or choose other partitions with"
                    + " --partition");
        }
        return stored;
    }

    /** Sets the positions: in one transaction all that have not moved meanwhile, then the others. */
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
     * Throws if a position was not set.
     *
     * @throws TelemetryException with the positions that were not set
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
     * Returns whether the position was set. A consumer that reached the same offset by itself has stored the epoch of
     * its last record with it: then the reset was not applied, and the next attempt finds the position there.
     */
    private static boolean isDone(PositionMove move, Map<SourcePartition, Position> stored) {
        return move.to().equals(stored.get(move.partition()));
    }

    /**
     * The outcome of a position's reset. Immutable.
     *
     * @param move the last attempted move
     * @param attempts the number of attempts
     * @param done whether the position was set
     */
    record Outcome(PositionMove move, int attempts, boolean done) {}
}
