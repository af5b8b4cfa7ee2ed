package io.gpufleet.telemetry.benchmarks.report;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The figures of the rounds of one measurement, in one unit. Immutable. */
public final class Rounds {
    private final double[] sorted;

    private Rounds(double[] sorted) {
        this.sorted = sorted;
    }

    /**
     * Returns the rounds of these figures.
     *
     * @param figures one a round, at least one, none of them zero
     */
    public static Rounds of(double... figures) {
        if (figures.length == 0) {
            throw new IllegalArgumentException("figures: none given; at least one is needed");
        }
        double[] sorted = figures.clone();
        Arrays.sort(sorted);
        return new Rounds(sorted);
    }

    /** Returns one figure of each round. */
    public static <R> Rounds of(List<R> rounds, ToDoubleFunction<R> figure) {
        return of(rounds.stream().mapToDouble(figure).toArray());
    }

    /** Returns the figure in the middle, or the mean of the two in the middle. */
    public double median() {
        int upper = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[upper] : (sorted[upper - 1] + sorted[upper]) / 2;
    }

    /** Returns the spread: the distance of the outermost figures, as a part of the median. */
    public double spread() {
        return (sorted[sorted.length - 1] - sorted[0]) / median();
    }

    /** Returns the spread as text, such as {@code ±4 %}: half of the distance to either side. */
    public String spreadText() {
        return String.format(Locale.ROOT, "±%.0f %%", spread() * 50);
    }
}
