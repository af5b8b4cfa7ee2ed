package io.gpufleet.telemetry.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RowOrderTest {

    /** The order by bytes is that of comparisons, for negative numbers, extremes and equal keys, too. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 17, 300, 5_000})
    void of_wholeNumbers_isTheStableOrderOfComparisons(int size) {
        Random random = new Random(size);
        Integer[] first = random.ints(size, -2, 3).boxed().toArray(Integer[]::new);
        Long[] second = IntStream.range(0, size)
                .mapToObj(row -> switch (random.nextInt(4)) {
                    case 0 -> Long.MIN_VALUE;
                    case 1 -> Long.MAX_VALUE;
                    case 2 -> random.nextLong();
                    default -> (long) random.nextInt(3) - 1;
                })
                .toArray(Long[]::new);
        List<WireColumn<?>> keys = List.of(WireColumn.of(WireType.INT4, first), WireColumn.of(WireType.INT8, second));

        List<Integer> expected =
                new ArrayList<>(IntStream.range(0, size).boxed().toList());
        expected.sort(Comparator.comparing((Integer row) -> first[row]).thenComparing(row -> second[row]));
        assertThat(IntStream.of(RowOrder.of(keys, size, (row, other) -> {
                            throw new AssertionError("no comparison is needed");
                        }))
                        .boxed()
                        .toList())
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 300})
    void of_otherKeys_isTheStableOrderOfComparisons(int size) {
        Random random = new Random(size);
        Long[] numbers = IntStream.range(0, size)
                .mapToObj(row -> random.nextBoolean() ? null : (Long) random.nextLong(5))
                .toArray(Long[]::new);
        WireColumn<Long> column = WireColumn.of(WireType.INT8, numbers);

        List<Integer> expected =
                new ArrayList<>(IntStream.range(0, size).boxed().toList());
        expected.sort(Comparator.comparing(row -> numbers[row], Comparator.nullsLast(Comparator.naturalOrder())));
        assertThat(IntStream.of(RowOrder.of(List.of(column), size, column::compare))
                        .boxed()
                        .toList())
                .isEqualTo(expected);
    }
}
