package io.gpufleet.telemetry.jdbc;

import java.util.List;
import java.util.function.Function;

/**
 * A column that is written. Immutable.
 *
 * @param name its name
 * @param type its type
 * @param merge what happens when the row is there already
 * @param encoder takes the column's values out of rows
 * @param <R> the type of the rows
 */
record Column<R>(String name, ColumnType<?> type, Merge merge, Function<List<R>, WireColumn<?>> encoder) {

    boolean is(Merge.Kind kind) {
        return merge.kind() == kind;
    }
}
