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

    /** Adds the numbers of all rows of a dimension that the batch refers to, by their keys. */
    void put(Dimension<?> dimension, Map<Object, Long> byKey) {
        put(dimension, byKey, new IdentityHashMap<>());
    }

    /** Adds the same, and the numbers of row objects that are known already. */
    void put(Dimension<?> dimension, Map<Object, Long> byKey, IdentityHashMap<Object, Long> byRow) {
        known.put(dimension, new Known(byKey, byRow));
    }

    /** Returns the numbers of the dimension rows that other rows refer to; null where there is none. */
    <S, R> @Nullable Long[] of(Dimension<R> dimension, List<S> rows, Function<? super S, ? extends @Nullable R> row) {
        Known numbers = known.computeIfAbsent(dimension, missing -> Known.none());
        List<@Nullable R> referred = new ArrayList<>(rows.size());
        IdentityHashMap<R, Boolean> unknown = new IdentityHashMap<>();
        for (S holder : rows) {
            R one = row.apply(holder);
            referred.add(one);
            if (one != null && !numbers.byRow.containsKey(one)) {
                unknown.put(one, true);
            }
        }
        learn(dimension, List.copyOf(unknown.keySet()), numbers);
        @Nullable Long[] found = new @Nullable Long[referred.size()];
        for (int i = 0; i < found.length; i++) {
            R one = referred.get(i);
            found[i] = one == null ? null : numbers.byRow.get(one);
        }
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
