package io.gpufleet.telemetry.jdbc;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The numbers of the dimension rows that a batch refers to, valid in its transaction. Belongs to one thread. */
final class Numbers {
    private final Map<Dimension<?>, Known> known = new HashMap<>();

    /** The numbers of one dimension: by key, and by row object, since many deliveries share one. */
    private record Known(Map<Object, Long> byKey, IdentityHashMap<Object, Long> byRow) {
        static Known none() {
            return new Known(Map.of(), new IdentityHashMap<>());
        }
    }

    /** Adds the numbers of all rows of a dimension that the batch refers to, by their keys and by row objects. */
    void put(Dimension<?> dimension, Map<Object, Long> byKey, IdentityHashMap<Object, Long> byRow) {
        known.put(dimension, new Known(byKey, byRow));
    }

    /** Returns the numbers of the dimension rows that other rows refer to; null where there is none. */
    <S, R> @Nullable Long[] of(Dimension<R> dimension, List<S> rows, Function<? super S, ? extends @Nullable R> row) {
        Known numbers = known.computeIfAbsent(dimension, missing -> Known.none());
        @Nullable Long[] found = new @Nullable Long[rows.size()];
        IdentityHashMap<R, List<Integer>> unknown = new IdentityHashMap<>();
        for (int i = 0; i < found.length; i++) {
            R one = row.apply(rows.get(i));
            found[i] = one == null ? null : numbers.byRow.get(one);
            if (one != null && found[i] == null) {
                unknown.computeIfAbsent(one, missing -> new ArrayList<>()).add(i);
            }
        }
        learn(dimension, List.copyOf(unknown.keySet()), numbers);
        unknown.forEach((one, places) -> places.forEach(place -> found[place] = numbers.byRow.get(one)));
        return found;
    }

    private <R> void learn(Dimension<R> dimension, List<R> rows, Known numbers) {
        if (!rows.isEmpty()) {
            List<Object> keys = dimension.keys(rows, this);
            for (int i = 0; i < keys.size(); i++) {
                numbers.byRow.put(rows.get(i), required(dimension, numbers.byKey.get(keys.get(i))));
            }
        }
    }

    private static Long required(Dimension<?> dimension, @Nullable Long number) {
        if (number == null) {
            throw new IllegalStateException("No number of " + dimension.table()
                    + " for a row that a column refers to: the rows of insertMissing must include every such row");
        }
        return number;
    }
}
