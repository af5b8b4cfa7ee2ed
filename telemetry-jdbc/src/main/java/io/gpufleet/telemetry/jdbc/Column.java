package io.gpufleet.telemetry.jdbc;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A written column. Immutable.
 *
 * @param name its name
 * @param type its type
 * @param merge how a new value is merged with the stored one
 * @param encoder extracts the column's values from rows
 * @param <R> the type of the rows
 */
record Column<R>(String name, ColumnType<?> type, Merge merge, Encoder<R> encoder) {

    /** The extractor of a column's values from rows. */
    @FunctionalInterface
    interface Encoder<R> {
        /**
         * Extracts the values.
         *
         * @param rows the rows
         * @param numbers the numbers of the dimension rows that the values may refer to
         */
        WireColumn<?> encode(List<R> rows, Numbers numbers);
    }

    /** Returns the same column for other rows, each of which contains such a row. */
    <S> Column<S> of(Function<? super S, ? extends R> part) {
        return new Column<>(
                name,
                type,
                merge,
                (rows, numbers) -> encoder.encode(rows.stream().<R>map(part).toList(), numbers));
    }

    /** Returns the same column under another name, for rows that may contain such a row; null where they do not. */
    <S> Column<S> ofOptional(String otherName, Function<? super S, Optional<? extends R>> part) {
        return new Column<>(otherName, type, merge, (rows, numbers) -> encodePresent(rows, part, numbers));
    }

    private <S> WireColumn<?> encodePresent(
            List<S> rows, Function<? super S, Optional<? extends R>> part, Numbers numbers) {
        List<R> present = new ArrayList<>();
        int[] places = new int[rows.size()];
        for (int row = 0; row < places.length; row++) {
            Optional<? extends R> held = part.apply(rows.get(row));
            places[row] = held.isPresent() ? present.size() : -1;
            held.ifPresent(present::add);
        }
        return encoder.encode(present, numbers).spread(places);
    }

    boolean is(Merge.Kind kind) {
        return merge.kind() == kind;
    }
}
