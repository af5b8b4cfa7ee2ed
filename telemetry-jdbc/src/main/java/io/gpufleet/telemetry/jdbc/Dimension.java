package io.gpufleet.telemetry.jdbc;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

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
 * dimension use the same object, which any number of sinks may share. Row objects that are equal in Java have equal
 * columns: a number is looked up once for each distinct row of a batch, the faster the more deliveries share the
 * object. Immutable.
 *
 * @param <R> the type of the rows
 */
public final class Dimension<R> {
    private final PostgresTable<R> table;
    private final String numberColumn;
    private final ColumnType<?> numberType;
    private final ColumnType<R> number;
    private final Optional<Function<? super R, ? extends @Nullable Number>> given;
    private final Optional<String> lastDayColumn;

    private Dimension(
            PostgresTable<R> table,
            String numberColumn,
            ColumnType<?> numberType,
            Optional<Function<? super R, ? extends @Nullable Number>> given,
            Optional<String> lastDayColumn) {
        this.table = table;
        this.numberColumn = numberColumn;
        this.numberType = numberType;
        this.number = ColumnType.numberOf(this, numberType);
        this.given = given;
        this.lastDayColumn = lastDayColumn;
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
        return new Dimension<>(table, numberColumn, type, Optional.empty(), Optional.empty());
    }

    /**
     * Returns the same dimension, but some rows bring their own number. A row that is there already keeps the number
     * that it has.
     *
     * @param given returns the number of a row, unique among all rows and out of reach of the generated ones; null for
     *     a row whose number is generated
     * @return another dimension
     */
    public Dimension<R> withNumbers(Function<? super R, ? extends @Nullable Number> given) {
        requireNonNull(given, "given");
        return new Dimension<>(table, numberColumn, numberType, Optional.of(given), Optional.empty());
    }

    /**
     * Declares a dimension whose rows are known by their contents: the number of a row is a hash of all its columns, so
     * no row is ever looked up to find its number. Two rows that differ never share a number: the second one is refused
     * as the fault of its record. The table also keeps the last UTC day that refers to each row, so that those that
     * only dropped days refer to can be removed.
     *
     * <p>The number is the first eight bytes, big endian, of a SHA-256: for each column in the order of declaration,
     * the length of its text in UTF-8 as four bytes and the text, or four bytes of ones for a null.
     *
     * @param columns a table of kept columns only, whose values are texts, JSON, whole numbers, booleans, UUIDs, times
     *     or dates
     * @param numberColumn the {@code bigint} primary key for the hash
     * @param lastDayColumn the {@code date} column for the last day
     * @param <R> the type of the rows
     * @return a dimension for {@link PostgresSink.Builder#insertMissing(Dimension, Function, Function) insertMissing
     *     with times}
     * @throws IllegalArgumentException if a column is not a kept one of these types
     */
    public static <R> Dimension<R> ofContents(
            PostgresTable.Builder<R> columns, String numberColumn, String lastDayColumn) {
        requireNonNull(columns, "columns");
        Identifier.check("lastDayColumn", lastDayColumn);
        PostgresTable<R> table = columns.buildContents(Identifier.check("numberColumn", numberColumn));
        table.columns(Merge.Kind.KEEP).stream()
                .filter(column -> !column.type().isReadBackAsWritten())
                .forEach(column -> {
                    throw new IllegalArgumentException(table + ": column \"" + column.name() + "\" is " + column.type()
                            + ", whose values have no single text to hash");
                });
        return new Dimension<>(table, numberColumn, ColumnType.BIGINT, Optional.empty(), Optional.of(lastDayColumn));
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

    Optional<Function<? super R, ? extends @Nullable Number>> given() {
        return given;
    }

    /** Returns the column with the last day of a dimension of contents; absent for other dimensions. */
    Optional<String> lastDayColumn() {
        return lastDayColumn;
    }

    /**
     * Returns the objects that identify rows: equal objects for equal keys.
     *
     * @param rows the rows
     * @param numbers the numbers that keys may refer to
     * @return the objects, in the order of the rows
     */
    List<Object> keys(List<R> rows, Numbers numbers) {
        return EncodedRows.of(table.columns(Merge.Kind.KEY), rows, numbers).keys();
    }

    /** Returns the name of the table and of its number column. */
    @Override
    public String toString() {
        return table + " by \"" + numberColumn + '"';
    }
}
