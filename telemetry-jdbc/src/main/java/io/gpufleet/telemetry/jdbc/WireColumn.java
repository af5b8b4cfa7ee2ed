package io.gpufleet.telemetry.jdbc;

import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntBinaryOperator;
import org.jspecify.annotations.Nullable;

/** The values of one column of many rows, in the form that is sent. Belongs to one thread. */
final class WireColumn<W> {
    private final WireType<W> type;
    private final W[] values;
    private @Nullable IntBinaryOperator order;

    private WireColumn(WireType<W> type, W[] values) {
        this.type = type;
        this.values = values;
    }

    static <W> WireColumn<W> of(WireType<W> type, W[] values) {
        return new WireColumn<>(type, values);
    }

    static <R, W> WireColumn<W> of(WireType<W> type, List<R> rows, Function<? super R, ? extends @Nullable W> value) {
        W[] values = type.array().apply(rows.size());
        for (int row = 0; row < values.length; row++) {
            values[row] = value.apply(rows.get(row));
        }
        return new WireColumn<>(type, values);
    }

    /** Returns the fault of the first value that cannot be stored unchanged. */
    Optional<String> fault() {
        if (!type.equals(WireType.TEXT)) {
            return Optional.empty();
        }
        W before = null;
        for (W text : values) {
            Optional<String> fault =
                    text == null || text == before ? Optional.empty() : StorableText.halfCharacter((String) text);
            if (fault.isPresent()) {
                return fault;
            }
            before = text;
        }
        return Optional.empty();
    }

    /** Returns whether no row has a value. */
    boolean isEmpty() {
        return Arrays.stream(values).allMatch(Objects::isNull);
    }

    W value(int row) {
        return values[row];
    }

    /** Compares the values of two rows; a missing value is the largest. */
    int compare(int row, int other) {
        return compare(row, other, 1);
    }

    /** Returns numbers whose unsigned order is that of the values; absent unless all values are whole numbers. */
    Optional<long[]> ranks() {
        if (!type.equals(WireType.INT8) && !type.equals(WireType.INT4)) {
            return Optional.empty();
        }
        long[] ranks = new long[values.length];
        for (int row = 0; row < ranks.length; row++) {
            if (values[row] == null) {
                return Optional.empty();
            }
            ranks[row] = ((Number) values[row]).longValue() ^ Long.MIN_VALUE;
        }
        return Optional.of(ranks);
    }

    /** Compares like {@link #compare}, but a missing value is the smallest. */
    int compareVersions(int row, int other) {
        return compare(row, other, -1);
    }

    private int compare(int row, int other, int none) {
        if (values[row] == null || values[other] == null) {
            return values[row] == values[other] ? 0 : values[row] == null ? none : -none;
        }
        return order().applyAsInt(row, other);
    }

    /** Returns the order of the values, created at the first comparison, since most columns are never compared. */
    private IntBinaryOperator order() {
        if (order == null) {
            order = type.order().apply(values);
        }
        return order;
    }

    /**
     * Returns a column for other rows, each with the value of one of these rows, or none where the number is negative.
     */
    WireColumn<W> spread(int[] rows) {
        W[] spread = type.array().apply(rows.length);
        for (int row = 0; row < spread.length; row++) {
            if (rows[row] >= 0) {
                spread[row] = values[rows[row]];
            }
        }
        return new WireColumn<>(type, spread);
    }

    boolean isSame(int row, WireColumn<?> other, int otherRow) {
        return Objects.deepEquals(values[row], other.values[otherRow]);
    }

    /** Returns the values of some rows, in their order, as an array of the database. */
    Array pick(int[] rows, Connection connection) throws SQLException {
        W[] picked = type.array().apply(rows.length);
        for (int i = 0; i < rows.length; i++) {
            picked[i] = values[rows[i]];
        }
        return array(picked, connection);
    }

    /** Returns all values as an array of the database. */
    Array all(Connection connection) throws SQLException {
        return array(values, connection);
    }

    private Array array(W[] elements, Connection connection) throws SQLException {
        return type.equals(WireType.STORABLE_TEXT)
                ? connection.createArrayOf(type.name(), StorableText.of((String[]) elements, connection))
                : connection.createArrayOf(type.name(), elements);
    }
}
