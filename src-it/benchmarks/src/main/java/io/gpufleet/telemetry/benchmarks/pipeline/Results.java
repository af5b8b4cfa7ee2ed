package io.gpufleet.telemetry.benchmarks.pipeline;

import io.gpufleet.telemetry.benchmarks.report.Rounds;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** The figures of all rows, round by round. Not thread-safe. */
public final class Results {
    private final Map<Key, List<Figures>> rounds = new LinkedHashMap<>();

    /** A row, and the devices of the machines that sent its backlog. */
    public record Key(String row, int devices) {}

    void add(String row, Backlog backlog, Figures figures) {
        add(new Key(row, backlog.devices()), figures);
    }

    /** Adds the figures of the next round of a row. */
    public void add(Key key, Figures figures) {
        rounds.computeIfAbsent(key, first -> new ArrayList<>()).add(figures);
    }

    /** Returns one figure of a row's rounds; absent if the row did not run. */
    public Optional<Rounds> of(Key key, ToDoubleFunction<Figures> figure) {
        return Optional.ofNullable(rounds.get(key)).map(list -> Rounds.of(list, figure));
    }

    /**
     * Returns the ratio of the speeds of two rows, round by round, because the two rounds of a pair met the machine in
     * the same state; absent if one of the two did not run.
     */
    Optional<Rounds> ratio(Key key, Key base) {
        List<Figures> own = rounds.get(key);
        List<Figures> other = rounds.get(base);
        return own == null || other == null
                ? Optional.empty()
                : Optional.of(Rounds.of(IntStream.range(0, Math.min(own.size(), other.size()))
                        .mapToDouble(round -> own.get(round).recordsPerSecond()
                                / other.get(round).recordsPerSecond())
                        .toArray()));
    }
}
