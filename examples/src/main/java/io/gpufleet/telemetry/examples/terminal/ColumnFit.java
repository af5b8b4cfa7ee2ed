package io.gpufleet.telemetry.examples.terminal;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Cuts the texts of a table so that its lines fit a width: the widest column first, in the middle, and only as far as
 * its texts stay different.
 */
final class ColumnFit {
    private static final int SHORTEST = 8;

    private final boolean[] cut;
    private final int width;
    private final int gap;

    /**
     * Prepares a cut.
     *
     * @param cut the columns that may be cut
     * @param width the longest allowed line
     * @param gap the space between two columns
     */
    ColumnFit(boolean[] cut, int width, int gap) {
        this.cut = cut.clone();
        this.width = width;
        this.gap = gap;
    }

    List<List<String>> cut(List<List<String>> cells) {
        int[] widths = IntStream.range(0, cut.length)
                .map(column -> cells.stream()
                        .mapToInt(line -> line.get(column).length())
                        .max()
                        .orElse(0))
                .toArray();
        int[] shortest = IntStream.range(0, cut.length)
                .map(column -> shortest(
                        cells.stream().map(line -> line.get(column)).distinct().toList(), widths[column]))
                .toArray();
        int widest = widest(widths, shortest);
        while (widest >= 0 && excess(widths) > 0) {
            widths[widest] = (int)
                    Math.max(shortest[widest], widths[widest] - Math.min(excess(widths), toTheNext(widths, widest)));
            widest = widest(widths, shortest);
        }
        return cells.stream()
                .map(line -> IntStream.range(0, cut.length)
                        .mapToObj(column -> Text.shortenedInTheMiddle(widths[column], line.get(column)))
                        .toList())
                .toList();
    }

    /** Returns the least width in which different texts look different. */
    private static int shortest(List<String> texts, int width) {
        int length = Math.min(SHORTEST, width);
        while (length < width && !areDifferent(texts, length)) {
            length++;
        }
        return length;
    }

    private static boolean areDifferent(List<String> texts, int length) {
        return texts.stream()
                        .map(text -> Text.shortenedInTheMiddle(length, text))
                        .distinct()
                        .count()
                == texts.size();
    }

    private long excess(int[] widths) {
        return IntStream.of(widths).asLongStream().sum() + (long) gap * (cut.length - 1) - width;
    }

    /** Returns the widest column that may still be cut; -1 if there is none. */
    private int widest(int[] widths, int[] shortest) {
        return IntStream.range(0, cut.length)
                .filter(column -> cut[column] && widths[column] > shortest[column])
                .reduce((one, other) -> widths[other] > widths[one] ? other : one)
                .orElse(-1);
    }

    /** Returns the difference between the widest column and the second widest, at least 1. */
    private long toTheNext(int[] widths, int widest) {
        int next = IntStream.range(0, cut.length)
                .filter(column -> column != widest && cut[column])
                .map(column -> widths[column])
                .max()
                .orElse(0);
        return Math.max(1, widths[widest] - next);
    }
}
