package io.gpufleet.telemetry.jdbc.gpu;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The wide rows of a GPU in an hour, added in the order of their times, column by column. Not thread-safe. */
final class WidePiece {
    private final List<Long> times = new ArrayList<>();
    private final SortedMap<Integer, Values<Long>> whole = new TreeMap<>();
    private final SortedMap<Integer, Values<Double>> doubles = new TreeMap<>();
    private final SortedMap<Integer, Values<Float>> reals = new TreeMap<>();

    /** The values of a column up to its last one that is not null. */
    private static final class Values<V> {
        private final List<@Nullable V> values = new ArrayList<>();

        void put(int place, V value) {
            fill(place);
            values.add(value);
        }

        List<@Nullable V> fill(int count) {
            values.addAll(Collections.nCopies(count - values.size(), null));
            return values;
        }
    }

    /**
     * Adds a row; its values follow.
     *
     * @param micros its time in microseconds since 1970
     */
    void addRow(long micros) {
        times.add(micros);
    }

    /** Sets a whole number of the last row; a column that is not set is a blank. */
    void put(int column, long value) {
        put(whole, column, value);
    }

    /** Sets a value in double precision of the last row. */
    void put(int column, double value) {
        put(doubles, column, value);
    }

    /** Sets a value in single precision of the last row. */
    void put(int column, float value) {
        put(reals, column, value);
    }

    private <V> void put(SortedMap<Integer, Values<V>> columns, int column, V value) {
        columns.computeIfAbsent(column, missing -> new Values<>()).put(times.size() - 1, value);
    }

    int rows() {
        return times.size();
    }

    PieceTimes times() {
        return PieceTimes.of(times.stream().mapToLong(time -> time).toArray());
    }

    /** Returns the columns with values, by their numbers. */
    SortedMap<Integer, WideValues> columns() {
        SortedMap<Integer, WideValues> columns = new TreeMap<>();
        encode(whole, WideValues::ofWhole, columns);
        encode(doubles, WideValues::ofDoubles, columns);
        encode(reals, WideValues::ofReals, columns);
        return columns;
    }

    private <V> void encode(
            SortedMap<Integer, Values<V>> from,
            Function<List<@Nullable V>, WideValues> encoder,
            SortedMap<Integer, WideValues> to) {
        from.forEach((column, values) -> to.put(column, encoder.apply(values.fill(times.size()))));
    }
}
