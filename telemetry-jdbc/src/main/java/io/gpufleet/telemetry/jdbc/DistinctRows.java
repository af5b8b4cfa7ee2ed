package io.gpufleet.telemetry.jdbc;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * The distinct row objects of a batch, in the order in which they came. Many deliveries share an object, and others
 * have objects that are equal. Belongs to one thread.
 *
 * @param <R> the type of the rows
 */
final class DistinctRows<R> {
    private final IdentityHashMap<Object, Integer> places = new IdentityHashMap<>();
    private final Map<R, Integer> placesOfEqual = new HashMap<>();
    private final List<R> rows = new ArrayList<>();

    /** Returns the place of a row among the distinct ones, and adds it if it is new. */
    int place(R row) {
        Integer known = places.get(row);
        if (known != null) {
            return known;
        }
        Integer place = placesOfEqual.get(row);
        if (place == null) {
            place = rows.size();
            rows.add(row);
            placesOfEqual.put(row, place);
        }
        places.put(row, place);
        return place;
    }

    List<R> rows() {
        return rows;
    }

    /** Returns a number for each row object, from the place of its row. */
    IdentityHashMap<Object, Long> numbers(IntFunction<Long> ofPlace) {
        IdentityHashMap<Object, Long> numbers = new IdentityHashMap<>(places.size());
        places.forEach((row, place) -> numbers.put(row, ofPlace.apply(place)));
        return numbers;
    }
}
