package io.gpufleet.telemetry.jdbc.gpu;

import static java.util.stream.Collectors.toMap;

import io.gpufleet.telemetry.internal.StopSignal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The space of partitions that hold more than one day, such as a month or the default partition: given back once a run,
 * when it is done with all of their days. A day is compacted although rows of others lie in its partition. Belongs to
 * the thread of a run.
 */
final class SharedSpace {
    private final CompactionTransactions transactions;
    private final CompactionDays days;
    private final PartitionSpace partitions;
    private final DaySpace space;
    private final SortedMap<LocalDate, Part> parts = new TreeMap<>();

    SharedSpace(CompactionTransactions transactions, CompactionDays days, PartitionSpace partitions, DaySpace space) {
        this.transactions = transactions;
        this.days = days;
        this.partitions = partitions;
        this.space = space;
    }

    /** A day in shared partitions, whose own partitions are done. */
    private record Part(DayHours hours, List<Leaf> leaves, Optional<String> waiting) {}

    /** The end of a day, with the reason why space is not given back. */
    record Ended(DayHours hours, Optional<String> waiting) {}

    void add(DayHours hours, List<Leaf> leaves, Optional<String> waiting) {
        parts.put(hours.day(), new Part(hours, leaves, waiting));
    }

    /** Gives the space of the shared partitions back, and ends their days. */
    List<Ended> giveBack(StopSignal stop) {
        List<Ended> ended = new ArrayList<>();
        if (!parts.isEmpty()) {
            Map<Leaf, Obstacle> obstacles =
                    stop.isRaised() ? closed() : partitions.giveBack(leaves(), parts.lastKey(), stop);
            Map<Leaf, Set<LocalDate>> rows = rows(obstacles);
            parts.values().forEach(part -> ended.add(end(part, obstacles, rows)));
            parts.clear();
        }
        return ended;
    }

    private Map<Leaf, Obstacle> closed() {
        return leaves().stream().collect(toMap(leaf -> leaf, leaf -> Obstacle.other("interrupted")));
    }

    private Set<Leaf> leaves() {
        Set<Leaf> leaves = new LinkedHashSet<>();
        parts.values().forEach(part -> leaves.addAll(part.leaves));
        return leaves;
    }

    /** Returns the days with rows, in one pass over each partition. */
    private Map<Leaf, Set<LocalDate>> rows(Map<Leaf, Obstacle> obstacles) {
        Map<Leaf, Set<LocalDate>> rows = new HashMap<>();
        LocalDate end = parts.lastKey().plusDays(1);
        obstacles.forEach((leaf, obstacle) -> {
            if (obstacle.isRows()) {
                rows.put(
                        leaf,
                        transactions.read(
                                leaf.name(),
                                handle -> new HashSet<>(days.daysOf(handle, leaf, parts.firstKey(), end))));
            }
        });
        return rows;
    }

    private Ended end(Part part, Map<Leaf, Obstacle> obstacles, Map<Leaf, Set<LocalDate>> rows) {
        LocalDate day = part.hours.day();
        List<String> reasons = new ArrayList<>(part.waiting.stream().toList());
        boolean isCompacted = part.waiting.isEmpty();
        for (Leaf leaf : part.leaves) {
            Obstacle obstacle = obstacles.get(leaf);
            if (obstacle != null) {
                reasons.add(obstacle.reason());
                isCompacted &=
                        obstacle.isRows() && !rows.getOrDefault(leaf, Set.of()).contains(day);
            }
        }
        if (isCompacted) {
            space.finish(day).ifPresent(reasons::add);
        }
        return new Ended(part.hours, reasons.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", reasons)));
    }
}
