package io.gpufleet.telemetry.jdbc;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * A table whose rows other tables refer to by a generated number: a name is stored once, and takes four bytes wherever
 * it is used.
 *
 * <pre>{@code
 * // CREATE TABLE gpu (gpu_no integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, uuid text NOT NULL UNIQUE)
 * static final Dimension<String> GPU = Dimension.of(
 *         PostgresTable.<String>builder("gpu").key("uuid", ColumnType.TEXT, uuid -> uuid).build(),
 *         "gpu_no", ColumnType.INTEGER);
 *
 * PostgresSink.<Sample>builder(dataSource)
 *         .insertMissing(GPU, d -> Stream.of(d.value().uuid()))
 *         .insertOnce(PostgresTable.<Delivery<Sample>>builder("sample")
 *                 .key("gpu_no", GPU.number(), d -> d.value().uuid())
 *                 .key("ts", ColumnType.TIMESTAMPTZ, Delivery::time)
 *                 .keep("value", ColumnType.FLOAT8, d -> d.value().value())
 *                 .build())
 *         .build();
 * }</pre>
 *
 * <p>A row is identified by its key alone; its other columns keep the values of the first row with that key.
 * {@link PostgresSink.Builder#insertMissing} adds rows; they never change. The step and the columns that refer to the
 * dimension use the same object, which any number of sinks may share. Immutable.
 *
 * @param <R> the type of the rows
 */
public final class Dimension<R> {
    private final PostgresTable<R> table;
    private final String numberColumn;
    private final ColumnType<R> number;

    private Dimension(PostgresTable<R> table, String numberColumn, ColumnType<?> type) {
        this.table = table;
        this.numberColumn = numberColumn;
        this.number = ColumnType.numberOf(this, type);
    }

    /**
     * Declares a dimension.
     *
     * @param table a table of keys and kept columns only, without the number
     * @param numberColumn the column with the number: a primary key or unique, and generated as an identity or by a
     *     default
     * @param type the type of that column, an integer type
     * @param <R> the type of the rows
     * @return a dimension
     * @throws IllegalArgumentException if the table merges columns or declares the number itself, if the type is not an
     *     integer type, or if a key column is {@code double precision}, {@code numeric}, {@code bytea} or
     *     {@link ColumnType#STORABLE_TEXT}: such a key may be read back in another form than it was written
     */
    public static <R> Dimension<R> of(PostgresTable<R> table, String numberColumn, ColumnType<? extends Number> type) {
        requireNonNull(table, "table");
        Identifier.check("numberColumn", numberColumn);
        if (requireNonNull(type, "type").largest().isEmpty()) {
            throw new IllegalArgumentException(
                    "type: " + type + " is not an integer type; declare bigint, integer or smallint");
        }
        if (!table.isInsertOnly()) {
            throw new IllegalArgumentException(table + " merges columns; declare them with key or keep");
        }
        if (table.columns().stream().anyMatch(column -> column.name().equals(numberColumn))) {
            throw new IllegalArgumentException(
                    table + " declares \"" + numberColumn + "\", which the database generates; leave it out");
        }
        table.columns(Merge.Kind.KEY).stream()
                .filter(key -> !key.type().isReadBackAsWritten())
                .forEach(key -> {
                    throw new IllegalArgumentException(table + ": key \"" + key.name() + "\" is " + key.type()
                            + ", which may be read back in another form; key a dimension by an integer type, text,"
                            + " uuid, boolean, date or timestamptz");
                });
        return new Dimension<>(table, numberColumn, type);
    }

    /**
     * Returns the type of a column that refers to this dimension. Its value in Java is a row, of which only the key
     * matters; the stored value is the number of that row. The column may be a key, kept, or newest by a version, but
     * not a minimum or maximum.
     *
     * @return a type for tables of a sink with an earlier {@code insertMissing} step for this dimension
     */
    public ColumnType<R> number() {
        return number;
    }

    PostgresTable<R> table() {
        return table;
    }

    String numberColumn() {
        return numberColumn;
    }

    /**
     * Returns an object for each row that identifies it: equal objects for equal keys, and one for an absent row, too.
     *
     * @param rows the rows, which may be absent
     * @param numbers the numbers that keys may refer to
     * @return the objects, in the order of the rows
     */
    List<Object> keys(List<Optional<R>> rows, Numbers numbers) {
        List<WireColumn<?>> columns = new ArrayList<>();
        for (Column<R> key : table.columns(Merge.Kind.KEY)) {
            columns.add(key.<Optional<R>>ofOptional(key.name(), Function.identity())
                    .encoder()
                    .encode(rows, numbers));
        }
        return IntStream.range(0, rows.size())
                .<Object>mapToObj(row -> columns.stream().map(c -> c.value(row)).toList())
                .toList();
    }

    /** Returns the name of the table and of its number column. */
    @Override
    public String toString() {
        return table + " by \"" + numberColumn + '"';
    }
}
