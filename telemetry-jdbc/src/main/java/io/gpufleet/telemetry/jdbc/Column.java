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
 * @param merge the merge with an existing row
 * @param encoder takes the column's values out of rows
 * @param <R> the type of the rows
 */
record Column<R>(String name, ColumnType<?> type, Merge merge, Encoder<R> encoder) {

    /** Takes the values of a column out of rows. */
    @FunctionalInterface
    interface Encoder<R> {
        /**
         * Takes values.
         *
         * @param rows the rows
         * @param numbers the numbers of rows of dimensions that they may refer to
         */
        WireColumn<?> encode(List<R> rows, Numbers numbers);
    }

    /** The same column of other rows, each of which holds such a row. */
    <S> Column<S> of(Function<? super S, ? extends R> part) {
        return new Column<>(
                name,
                type,
                merge,
                (rows, numbers) -> encoder.encode(rows.stream().<R>map(part).toList(), numbers));
    }

    /** A column with another name of rows that may hold such a row; null where they do not. */
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
