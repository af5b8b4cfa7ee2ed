package io.gpufleet.telemetry.jdbc;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The numbers of the dimension rows that a batch refers to, valid in its transaction. Belongs to one thread. */
final class Numbers {
    private final Map<Dimension<?>, Map<Object, Long>> known = new HashMap<>();

    /** Adds the numbers of all rows of a dimension that the batch refers to, by their keys. */
    void put(Dimension<?> dimension, Map<Object, Long> numbers) {
        known.put(dimension, numbers);
    }

    /** Returns the numbers of rows; null where there is no row. */
    <R> @Nullable Long[] of(Dimension<R> dimension, List<Optional<R>> rows) {
        Map<Object, Long> numbers = known.getOrDefault(dimension, Map.of());
        List<Object> keys = dimension.keys(rows, this);
        return IntStream.range(0, rows.size())
                .mapToObj(row -> rows.get(row).isPresent() ? required(dimension, numbers.get(keys.get(row))) : null)
                .toArray(Long[]::new);
    }

    private static Long required(Dimension<?> dimension, @Nullable Long number) {
        if (number == null) {
            throw new IllegalStateException("No number of " + dimension.table()
                    + " for a row that a column refers to: the rows of insertMissing must include every such row");
        }
        return number;
    }
}
