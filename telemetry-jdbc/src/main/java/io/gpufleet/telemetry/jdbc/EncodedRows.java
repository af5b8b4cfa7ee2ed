package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.SinkException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Rows encoded as columns for the database, with their order by key. All writers lock rows in this order, so they never
 * deadlock. Never changed after construction.
 */
final class EncodedRows {
    private static final long MICROS_OF_AN_HOUR = 3_600_000_000L;

    private final List<WireColumn<?>> columns;
    private final List<WireColumn<?>> keys;
    private final int size;

    private EncodedRows(List<WireColumn<?>> columns, List<WireColumn<?>> keys, int size) {
        this.columns = columns;
        this.keys = keys;
        this.size = size;
    }

    /**
     * Encodes rows.
     *
     * @param numbers the numbers of the dimension rows that they may refer to
     * @throws SinkException if a value cannot be stored unchanged, since two keys could become one
     */
    static <R> EncodedRows of(List<Column<R>> declared, List<R> rows, Numbers numbers) {
        List<WireColumn<?>> columns = encode(declared, rows, numbers);
        List<WireColumn<?>> keys = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            if (declared.get(i).is(Merge.Kind.KEY)) {
                keys.add(columns.get(i));
            }
        }
        return new EncodedRows(columns, keys, rows.size());
    }

    /** Returns rows with a number as their key, from encoded columns. */
    static EncodedRows numbered(Long[] numbers, List<? extends WireColumn<?>> others) {
        WireColumn<Long> key = WireColumn.of(WireType.INT8, numbers);
        List<WireColumn<?>> columns = new ArrayList<>(List.of(key));
        columns.addAll(others);
        return new EncodedRows(columns, List.of(key), numbers.length);
    }

    /**
     * Encodes columns.
     *
     * @throws SinkException as {@link #of} does
     */
    static <R> List<WireColumn<?>> encode(List<Column<R>> declared, List<R> rows, Numbers numbers) {
        List<WireColumn<?>> columns = new ArrayList<>();
        for (Column<R> column : declared) {
            WireColumn<?> encoded = column.encoder().encode(rows, numbers);
            requireText(column, encoded);
            columns.add(encoded);
        }
        return columns;
    }

    private static void requireText(Column<?> column, WireColumn<?> encoded) {
        encoded.fault().ifPresent(fault -> {
            throw new SinkException(
                    SinkException.Kind.FATAL_PERHAPS_DATA,
                    "column \"" + column.name() + "\" cannot be stored as text: " + fault);
        });
    }

    int size() {
        return size;
    }

    /**
     * Returns rows of the first key and an hour; both are their keys.
     *
     * @param time a column with times
     * @param count 1 for the hours of all rows in their order; 2 for these, then the hours after them
     */
    EncodedRows hours(int time, int count) {
        Long[] hours = new Long[size * count];
        int[] rows = new int[size * count];
        for (int i = 0; i < hours.length; i++) {
            rows[i] = i % size;
            if (columns.get(time).value(rows[i]) instanceof Long micros) {
                hours[i] = micros - Math.floorMod(micros, MICROS_OF_AN_HOUR) + i / size * MICROS_OF_AN_HOUR;
            }
        }
        List<WireColumn<?>> columnsOfHours = List.of(keys.get(0).spread(rows), WireColumn.of(WireType.INT8, hours));
        return new EncodedRows(columnsOfHours, columnsOfHours, hours.length);
    }

    /** Returns which columns have no value in any row. */
    BitSet emptyColumns() {
        BitSet empty = new BitSet();
        IntStream.range(0, columns.size())
                .filter(column -> columns.get(column).isEmpty())
                .forEach(empty::set);
        return empty;
    }

    /** Returns the same rows without some columns, none of them a key. */
    EncodedRows without(BitSet left) {
        List<WireColumn<?>> kept = new ArrayList<>();
        IntStream.range(0, columns.size())
                .filter(column -> !left.get(column))
                .forEach(column -> kept.add(columns.get(column)));
        return new EncodedRows(kept, keys, size);
    }

    /** Returns the indexes of all rows in the order of their keys; rows with the same key keep their order. */
    int[] sorted() {
        return RowOrder.of(keys, size, this::compare);
    }

    /** Returns the indexes as {@link #sorted()} does, but only the first row of each key. */
    int[] sortedDistinct() {
        int[] sorted = sorted();
        return IntStream.range(0, sorted.length)
                .filter(i -> i == 0 || compare(sorted[i - 1], sorted[i]) != 0)
                .map(i -> sorted[i])
                .toArray();
    }

    /** Returns whether any two rows have the same key. */
    boolean shareKeys(int[] sorted) {
        return IntStream.range(1, sorted.length).anyMatch(i -> compare(sorted[i - 1], sorted[i]) == 0);
    }

    /** Returns whether two rows have the same key. */
    boolean shareKey(int row, int other) {
        return compare(row, other) == 0;
    }

    /** Returns whether two rows have the same value in a column. */
    boolean shareValue(int column, int row, int other) {
        return columns.get(column).compare(row, other) == 0;
    }

    private int compare(int row, int other) {
        for (WireColumn<?> key : keys) {
            int byKey = key.compare(row, other);
            if (byKey != 0) {
                return byKey;
            }
        }
        return 0;
    }

    /** Returns a value in the form of {@link WireColumn}. */
    @Nullable
    Object value(int column, int row) {
        return columns.get(column).value(row);
    }

    /** Returns the object that identifies a row among those with other keys, see {@link Dimension#keys}. */
    Object key(int row) {
        return keys.stream().map(key -> key.value(row)).toList();
    }

    /** Returns the objects that identify the rows, in their order. */
    List<Object> keys() {
        return IntStream.range(0, size).mapToObj(this::key).toList();
    }

    /** Returns whether a row equals a row of another set, column by column. */
    boolean isSame(int row, EncodedRows other, int otherRow) {
        return IntStream.range(0, columns.size())
                .allMatch(i -> columns.get(i).isSame(row, other.columns.get(i), otherRow));
    }

    /** Sets the statement's parameters, one array for each column, to all rows in their original order. */
    void bindAll(PreparedStatement statement) throws SQLException {
        bind(statement, IntStream.range(0, size).toArray());
    }

    /** Sets the statement's parameters, one array for each column, to these rows in this order. */
    void bind(PreparedStatement statement, int[] rows) throws SQLException {
        bind(statement, columns, rows);
    }

    /** Sets the parameters as {@link #bind(PreparedStatement, int[])} does, but only those of the keys. */
    void bindKeys(PreparedStatement statement, int[] rows) throws SQLException {
        bind(statement, keys, rows);
    }

    /**
     * Sets the parameters as {@link #bindKeys(PreparedStatement, int[])} does, and as the last parameter a number for
     * each row.
     */
    void bindKeys(PreparedStatement statement, int[] rows, Long[] numbers) throws SQLException {
        bindKeys(statement, rows);
        statement.setArray(
                keys.size() + 1, WireColumn.of(WireType.INT8, numbers).all(statement.getConnection()));
    }

    /**
     * Sets the parameters as {@link #bindKeys(PreparedStatement, int[])} does, and as the last parameter the values of
     * a column.
     */
    void bindKeysAnd(PreparedStatement statement, int column, int[] rows) throws SQLException {
        List<WireColumn<?>> bound = new ArrayList<>(keys);
        bound.add(columns.get(column));
        bind(statement, bound, rows);
    }

    /**
     * Sets the parameters as {@link #bindKeys(PreparedStatement, int[])} does, and as further parameters the columns of
     * rows of another set.
     */
    void bindKeysAnd(PreparedStatement statement, int[] rows, EncodedRows others, int[] otherRows) throws SQLException {
        bind(statement, 1, keys, rows);
        bind(statement, keys.size() + 1, others.columns, otherRows);
    }

    private static void bind(PreparedStatement statement, List<WireColumn<?>> columns, int[] rows) throws SQLException {
        bind(statement, 1, columns, rows);
    }

    private static void bind(PreparedStatement statement, int first, List<WireColumn<?>> columns, int[] rows)
            throws SQLException {
        Connection connection = statement.getConnection();
        for (int i = 0; i < columns.size(); i++) {
            Array array = columns.get(i).pick(rows, connection);
            statement.setArray(first + i, array);
        }
    }

    /** Runs a statement that was bound to these rows, and returns those of them that it wrote. */
    static int[] written(PreparedStatement statement, int[] rows) throws SQLException {
        IntStream.Builder written = IntStream.builder();
        try (ResultSet numbers = statement.executeQuery()) {
            while (numbers.next()) {
                written.add(rows[numbers.getInt(1) - 1]);
            }
        }
        return written.build().toArray();
    }
}
