package io.gpufleet.telemetry.jdbc;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntBinaryOperator;
import java.util.stream.IntStream;

/**
 * The order of rows by their keys; rows with the same key keep their order. Keys of whole numbers, as most large
 * batches have, are sorted byte by byte, without a comparison.
 */
final class RowOrder {
    private static final int BYTES = 1 << Byte.SIZE;
    private static final int MASK = BYTES - 1;

    private RowOrder() {}

    /**
     * Returns the indexes of rows in their order.
     *
     * @param keys the key columns, the first one decides first
     * @param comparison compares two rows by all key columns
     */
    static int[] of(List<WireColumn<?>> keys, int size, IntBinaryOperator comparison) {
        List<long[]> ranks =
                keys.stream().map(WireColumn::ranks).flatMap(Optional::stream).toList();
        return ranks.size() == keys.size() ? byRanks(ranks, size) : byComparison(size, comparison);
    }

    private static int[] byComparison(int size, IntBinaryOperator comparison) {
        Integer[] order = IntStream.range(0, size).boxed().toArray(Integer[]::new);
        Arrays.sort(order, comparison::applyAsInt);
        return Arrays.stream(order).mapToInt(Integer::intValue).toArray();
    }

    /** Sorts by the last byte of the last key first, and so on: each pass keeps the order of equal bytes. */
    private static int[] byRanks(List<long[]> keys, int size) {
        int[] order = IntStream.range(0, size).toArray();
        for (int key = keys.size() - 1; key >= 0; key--) {
            long[] ranks = keys.get(key);
            long different = different(ranks);
            for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
                if ((different >>> shift & MASK) != 0) {
                    order = byByte(ranks, shift, order);
                }
            }
        }
        return order;
    }

    /** Returns the bits in which some numbers differ. */
    private static long different(long[] ranks) {
        long different = 0;
        for (long rank : ranks) {
            different |= rank ^ ranks[0];
        }
        return different;
    }

    private static int[] byByte(long[] ranks, int shift, int[] order) {
        int[] next = new int[BYTES + 1];
        for (int row : order) {
            next[(int) (ranks[row] >>> shift & MASK) + 1]++;
        }
        for (int value = 1; value < BYTES; value++) {
            next[value] += next[value - 1];
        }
        int[] sorted = new int[order.length];
        for (int row : order) {
            sorted[next[(int) (ranks[row] >>> shift & MASK)]++] = row;
        }
        return sorted;
    }
}
