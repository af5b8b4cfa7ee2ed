package io.gpufleet.telemetry.benchmarks.report;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** What the rounds of one measurement gave, in one unit. Immutable. */
public final class Rounds {
    private final double[] sorted;

    private Rounds(double[] sorted) {
        this.sorted = sorted;
    }

    /**
     * Takes the figures.
     *
     * @param figures one a round, at least one, none of them zero
     */
    public static Rounds of(double... figures) {
        if (figures.length == 0) {
            throw new IllegalArgumentException("figures are none, and have to be at least one");
        }
        double[] sorted = figures.clone();
        Arrays.sort(sorted);
        return new Rounds(sorted);
    }

    /** Takes one figure of each round. */
    public static <R> Rounds of(List<R> rounds, ToDoubleFunction<R> figure) {
        return of(rounds.stream().mapToDouble(figure).toArray());
    }

    /** The figure in the middle, or the mean of the two there. */
    public double median() {
        int upper = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[upper] : (sorted[upper - 1] + sorted[upper]) / 2;
    }

    /** How far the figures lie apart: the distance of the outermost, as a part of the median. */
    public double spread() {
        return (sorted[sorted.length - 1] - sorted[0]) / median();
    }

    /** The spread in words, such as {@code ±4 %}: half of the distance to either side. */
    public String spreadText() {
        return String.format(Locale.ROOT, "±%.0f %%", spread() * 50);
    }
}
