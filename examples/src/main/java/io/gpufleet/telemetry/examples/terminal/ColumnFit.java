package io.gpufleet.telemetry.examples.terminal;

import java.util.List;
import java.util.stream.IntStream;

/** Cuts the texts of a table so that its lines fit a width: the widest column first. Numbers are never cut. */
final class ColumnFit {
    private static final int SHORTEST = 8;

    private final boolean[] whole;
    private final int width;
    private final int gap;

    /**
     * Prepares a cut.
     *
     * @param whole which columns are left whole
     * @param width how long a line may be
     * @param gap what lies between two columns
     */
    ColumnFit(boolean[] whole, int width, int gap) {
        this.whole = whole.clone();
        this.width = width;
        this.gap = gap;
    }

    List<List<String>> cut(List<List<String>> cells) {
        int[] widths = IntStream.range(0, whole.length)
                .map(column -> cells.stream()
                        .mapToInt(line -> line.get(column).length())
                        .max()
                        .orElse(0))
                .toArray();
        int widest = widest(widths);
        while (widest >= 0 && excess(widths) > 0) {
            widths[widest] =
                    (int) Math.max(SHORTEST, widths[widest] - Math.min(excess(widths), toTheNext(widths, widest)));
            widest = widest(widths);
        }
        return cells.stream()
                .map(line -> IntStream.range(0, whole.length)
                        .mapToObj(column -> Text.shortened(widths[column], line.get(column)))
                        .toList())
                .toList();
    }

    private long excess(int[] widths) {
        return IntStream.of(widths).asLongStream().sum() + (long) gap * (whole.length - 1) - width;
    }

    /** The widest column that may still be cut; -1 if there is none. */
    private int widest(int[] widths) {
        return IntStream.range(0, whole.length)
                .filter(column -> !whole[column] && widths[column] > SHORTEST)
                .reduce((one, other) -> widths[other] > widths[one] ? other : one)
                .orElse(-1);
    }

    /** By how much the widest column passes the second one, at least 1. */
    private long toTheNext(int[] widths, int widest) {
        int next = IntStream.range(0, whole.length)
                .filter(column -> column != widest && !whole[column])
                .map(column -> widths[column])
                .max()
                .orElse(0);
        return Math.max(1, widths[widest] - next);
    }
}
