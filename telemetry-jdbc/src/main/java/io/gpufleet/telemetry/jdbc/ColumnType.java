package io.gpufleet.telemetry.jdbc;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A type of a column: what PostgreSQL calls it, and what it is in Java.
 *
 * <p>Times and days travel as numbers, so neither the JVM's nor the session's time zone has a say. A value that the
 * column cannot hold (a {@link #SMALLINT} of 40,000, an {@link #TIMESTAMPTZ} in the year 300,000) is refused by
 * PostgreSQL, in its own words. Immutable.
 *
 * @param <V> the class of the values in Java
 */
public final class ColumnType<V> {
    /** {@code bigint}: 64 bit. */
    public static final ColumnType<Long> BIGINT =
            new ColumnType<>("bigint", Encoding.plain(WireType.INT8), Sums.upTo("9223372036854775807::bigint"));

    /** {@code integer}: 32 bit. */
    public static final ColumnType<Integer> INTEGER =
            new ColumnType<>("integer", Encoding.plain(WireType.INT4), Sums.upTo("2147483647"));

    /** {@code smallint}: 16 bit. */
    public static final ColumnType<Integer> SMALLINT =
            new ColumnType<>("smallint", Encoding.plain(WireType.INT4), Sums.upTo("32767::smallint"));

    /** {@code numeric} of any precision. */
    public static final ColumnType<BigDecimal> NUMERIC =
            new ColumnType<>("numeric", Encoding.plain(WireType.NUMERIC), Sums.UNLIMITED);

    /** {@code double precision}. It cannot be summed: the sum would depend on the order. */
    public static final ColumnType<Double> FLOAT8 = withoutSums("double precision", Encoding.plain(WireType.FLOAT8));

    /** {@code boolean}. */
    public static final ColumnType<Boolean> BOOLEAN = withoutSums("boolean", Encoding.plain(WireType.BOOL));

    /** {@code text}; U+0000, halves of characters, and what the encoding of the database lacks are refused. */
    public static final ColumnType<String> TEXT = withoutSums("text", Encoding.plain(WireType.TEXT));

    /** {@code text} of our own, which no database refuses: see {@link StorableText}. */
    public static final ColumnType<String> STORABLE_TEXT = withoutSums("text", Encoding.plain(WireType.STORABLE_TEXT));

    /** {@code bytea}. */
    public static final ColumnType<byte[]> BYTEA = withoutSums("bytea", Encoding.plain(WireType.BYTEA));

    /** {@code uuid}. */
    public static final ColumnType<UUID> UUID = withoutSums("uuid", Encoding.plain(WireType.UUID));

    /** {@code timestamptz}, a point in time in microseconds; what is finer is cut off. */
    public static final ColumnType<Instant> TIMESTAMPTZ = withoutSums(
            "timestamp with time zone", new Encoding<>(WireType.INT8, WireTime::toMicros, WireTime::timestampOf));

    /** {@code date}. */
    public static final ColumnType<LocalDate> DATE =
            withoutSums("date", new Encoding<>(WireType.INT4, WireTime::toDay, WireTime::dateOf));

    /**
     * {@code jsonb}, as its text. A text that is no JSON is its record's own fault. Kept or newest, but no key, minimum
     * or maximum.
     */
    public static final ColumnType<String> JSONB = stored("jsonb", text -> text);

    /**
     * {@code text[]} of one dimension, of texts as {@link #TEXT} takes them, none of them null. Kept or newest, but no
     * key, minimum or maximum.
     */
    public static final ColumnType<List<String>> TEXT_ARRAY = stored("text[]", WireArray::ofTexts);

    /**
     * {@code double precision[]} of one dimension: every number as it is, -0.0, infinities and NaN among them (of NaN
     * only the usual one). Kept or newest, but no key, minimum or maximum.
     */
    public static final ColumnType<double[]> DOUBLE_ARRAY = stored("double precision[]", WireArray::ofDoubles);

    /** {@code real[]} of one dimension, as {@link #DOUBLE_ARRAY}. */
    public static final ColumnType<float[]> REAL_ARRAY = stored("real[]", WireArray::ofFloats);

    private final String sqlName;
    private final Encoding<V, ?> encoding;
    private final Sums sums;
    private final boolean ordered;

    private ColumnType(String sqlName, Encoding<V, ?> encoding, Sums sums) {
        this(sqlName, encoding, sums, true);
    }

    private ColumnType(String sqlName, Encoding<V, ?> encoding, Sums sums, boolean ordered) {
        this.sqlName = sqlName;
        this.encoding = encoding;
        this.sums = sums;
        this.ordered = ordered;
    }

    private static <V> ColumnType<V> withoutSums(String sqlName, Encoding<V, ?> encoding) {
        return new ColumnType<>(sqlName, encoding, Sums.NONE);
    }

    /** A type whose values travel as texts: arrays in arrays would lose their borders. */
    private static <V> ColumnType<V> stored(String sqlName, Function<V, String> text) {
        Encoding<V, String> encoding = new Encoding<>(WireType.TEXT, text, element -> element + "::" + sqlName);
        return new ColumnType<>(sqlName, encoding, Sums.NONE, false);
    }

    /** The type's name as PostgreSQL's catalogue writes it. */
    String sqlName() {
        return sqlName;
    }

    /** The parameter that takes an array of values. */
    String arrayParameter() {
        return "?::" + encoding.wire.name() + "[]";
    }

    /** The expression that makes a value of this type of an element of the array. */
    String decoded(String element) {
        return encoding.decode.apply(element);
    }

    /** Whether sums are exact in any order. */
    boolean hasSums() {
        return sums.exact;
    }

    /** Whether Java orders the values as the database does, and takes the same ones for equal. */
    boolean isOrdered() {
        return ordered;
    }

    /** The largest value, as SQL, of a type that has one and whose sums are exact. */
    Optional<String> largest() {
        return sums.largest;
    }

    <R> WireColumn<?> encode(List<R> rows, Function<? super R, ? extends @Nullable V> value) {
        return encoding.encode(rows, value);
    }

    /** Returns PostgreSQL's name of the type. */
    @Override
    public String toString() {
        return sqlName;
    }

    private record Sums(boolean exact, Optional<String> largest) {
        static final Sums NONE = new Sums(false, Optional.empty());
        static final Sums UNLIMITED = new Sums(true, Optional.empty());

        static Sums upTo(String largest) {
            return new Sums(true, Optional.of(largest));
        }
    }

    private record Encoding<V, W>(WireType<W> wire, Function<V, W> encode, Function<String, String> decode) {
        static <V> Encoding<V, V> plain(WireType<V> wire) {
            return new Encoding<>(wire, value -> value, element -> element);
        }

        <R> WireColumn<W> encode(List<R> rows, Function<? super R, ? extends @Nullable V> value) {
            return WireColumn.of(wire, rows, row -> {
                V plain = value.apply(row);
                return plain == null ? null : encode.apply(plain);
            });
        }
    }
}
