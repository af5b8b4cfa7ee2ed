package io.gpufleet.telemetry.jdbc;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A type of a column, in PostgreSQL and in Java.
 *
 * <p>Times and days travel as numbers, so neither the JVM's nor the session's time zone affects them. A value that the
 * column cannot hold (a {@link #SMALLINT} of 40,000, an {@link #TIMESTAMPTZ} in the year 300,000) is refused by
 * PostgreSQL, with its own message. Immutable.
 *
 * @param <V> the class of the values in Java
 */
public final class ColumnType<V> {
    private static final Set<WireType<?>> OTHER_FORMS =
            Set.of(WireType.FLOAT8, WireType.NUMERIC, WireType.BYTEA, WireType.STORABLE_TEXT);

    /** {@code bigint}: 64 bits. */
    public static final ColumnType<Long> BIGINT =
            new ColumnType<>("bigint", Plain.of(WireType.INT8), Sums.upTo("9223372036854775807::bigint"));

    /** {@code integer}: 32 bits. */
    public static final ColumnType<Integer> INTEGER =
            new ColumnType<>("integer", Plain.of(WireType.INT4), Sums.upTo("2147483647"));

    /** {@code smallint}: 16 bits. */
    public static final ColumnType<Integer> SMALLINT =
            new ColumnType<>("smallint", Plain.of(WireType.INT4), Sums.upTo("32767::smallint"));

    /** {@code numeric} of any precision. */
    public static final ColumnType<BigDecimal> NUMERIC =
            new ColumnType<>("numeric", Plain.of(WireType.NUMERIC), Sums.UNLIMITED);

    /** {@code double precision}. Cannot be summed, since the sum would depend on the order. */
    public static final ColumnType<Double> FLOAT8 = withoutSums("double precision", Plain.of(WireType.FLOAT8));

    /**
     * {@code real}: a number of about seven digits. A value beyond its range is refused, and so is one that is so small
     * that it would become zero.
     */
    public static final ColumnType<Double> REAL =
            withoutSums("real", new Plain<>(WireType.FLOAT8, value -> value, element -> element + "::real"));

    /** {@code boolean}. */
    public static final ColumnType<Boolean> BOOLEAN = withoutSums("boolean", Plain.of(WireType.BOOL));

    /** {@code text}. U+0000, unpaired surrogates, and characters that the database's encoding lacks are refused. */
    public static final ColumnType<String> TEXT = withoutSums("text", Plain.of(WireType.TEXT));

    /** {@code text} written by the SDK itself, with unstorable characters replaced: see {@link StorableText}. */
    public static final ColumnType<String> STORABLE_TEXT = withoutSums("text", Plain.of(WireType.STORABLE_TEXT));

    /** {@code bytea}. */
    public static final ColumnType<byte[]> BYTEA = withoutSums("bytea", Plain.of(WireType.BYTEA));

    /** {@code uuid}. */
    public static final ColumnType<UUID> UUID = withoutSums("uuid", Plain.of(WireType.UUID));

    /** {@code timestamptz}, a point in time in microseconds; finer digits are cut off. */
    public static final ColumnType<Instant> TIMESTAMPTZ = withoutSums(
            "timestamp with time zone", new Plain<>(WireType.INT8, WireTime::toMicros, WireTime::timestampOf));

    /** {@code date}. */
    public static final ColumnType<LocalDate> DATE =
            withoutSums("date", new Plain<>(WireType.INT4, WireTime::toDay, WireTime::dateOf));

    /**
     * {@code jsonb}, given as its text. Text that is not JSON is the fault of its record. For kept and newest columns,
     * but not for keys, minimums or maximums.
     */
    public static final ColumnType<String> JSONB = stored("jsonb", text -> text);

    /**
     * {@code text[]} of one dimension, without nulls, with the same limits as {@link #TEXT}. For kept and newest
     * columns, but not for keys, minimums or maximums.
     */
    public static final ColumnType<List<String>> TEXT_ARRAY = stored("text[]", WireArray::ofTexts);

    /**
     * {@code double precision[]} of one dimension, with -0.0, infinities and NaN (every NaN is stored as the usual
     * one). For kept and newest columns, but not for keys, minimums or maximums.
     */
    public static final ColumnType<double[]> DOUBLE_ARRAY = stored("double precision[]", WireArray::ofDoubles);

    /** {@code real[]} of one dimension, otherwise like {@link #DOUBLE_ARRAY}. */
    public static final ColumnType<float[]> REAL_ARRAY = stored("real[]", WireArray::ofFloats);

    /**
     * {@code integer[]} of one dimension; an element may be null. For kept and newest columns, but not for keys,
     * minimums or maximums.
     */
    public static final ColumnType<@Nullable Integer[]> INTEGER_ARRAY = stored("integer[]", WireArray::ofIntegers);

    private final String sqlName;
    private final Encoding<V> encoding;
    private final Sums sums;
    private final Use use;

    private ColumnType(String sqlName, Encoding<V> encoding, Sums sums) {
        this(sqlName, encoding, sums, Use.ANY);
    }

    private ColumnType(String sqlName, Encoding<V> encoding, Sums sums, Use use) {
        this.sqlName = sqlName;
        this.encoding = encoding;
        this.sums = sums;
        this.use = use;
    }

    private static <V> ColumnType<V> withoutSums(String sqlName, Encoding<V> encoding) {
        return new ColumnType<>(sqlName, encoding, Sums.NONE);
    }

    /** Returns a type whose values are sent as text: an array of arrays would lose its inner borders. */
    private static <V> ColumnType<V> stored(String sqlName, Function<V, String> text) {
        Encoding<V> encoding = new Plain<>(WireType.TEXT, text, element -> element + "::" + sqlName);
        return new ColumnType<>(sqlName, encoding, Sums.NONE, Use.STORED);
    }

    /** Returns the type of a column that refers to the rows of a dimension by number. */
    static <R> ColumnType<R> numberOf(Dimension<R> dimension, ColumnType<?> number) {
        return new ColumnType<>(number.sqlName, new NumberOf<>(dimension, number.sqlName), Sums.NONE, Use.KEY);
    }

    /** Returns the type's name in PostgreSQL's catalogue. */
    String sqlName() {
        return sqlName;
    }

    /** Returns the SQL parameter for an array of values. */
    String arrayParameter() {
        return "?::" + encoding.wire().name() + "[]";
    }

    /** Returns the SQL expression that turns an array element into a value of this type. */
    String decoded(String element) {
        return encoding.decoded(element);
    }

    /** Returns whether sums are exact in any order. */
    boolean hasSums() {
        return sums.exact;
    }

    /** Returns whether the values have a meaningful order, the same in Java and in the database. */
    boolean isOrdered() {
        return use == Use.ANY;
    }

    /** Returns whether such values can be a key. */
    boolean isForKeys() {
        return use != Use.STORED;
    }

    /** Returns whether a value that is read back equals, in Java, the one that was written. */
    boolean isReadBackAsWritten() {
        return !OTHER_FORMS.contains(encoding.wire());
    }

    /** Returns the dimension whose rows the values are, if any. */
    Optional<Dimension<?>> dimension() {
        return encoding.dimension();
    }

    /** Returns the largest value, as SQL, if the type has one and its sums are exact. */
    Optional<String> largest() {
        return sums.largest;
    }

    <R> WireColumn<?> encode(List<R> rows, Function<? super R, ? extends @Nullable V> value, Numbers numbers) {
        return encoding.encode(rows, value, numbers);
    }

    /** Returns PostgreSQL's name of the type, and the dimension if the values are row numbers. */
    @Override
    public String toString() {
        return dimension()
                .map(dimension -> sqlName + ", a number of " + dimension.table())
                .orElse(sqlName);
    }

    private enum Use {
        ANY,
        KEY,
        STORED
    }

    private record Sums(boolean exact, Optional<String> largest) {
        static final Sums NONE = new Sums(false, Optional.empty());
        static final Sums UNLIMITED = new Sums(true, Optional.empty());

        static Sums upTo(String largest) {
            return new Sums(true, Optional.of(largest));
        }
    }

    /** The encoding of values for the database. */
    private interface Encoding<V> {
        WireType<?> wire();

        String decoded(String element);

        <R> WireColumn<?> encode(List<R> rows, Function<? super R, ? extends @Nullable V> value, Numbers numbers);

        default Optional<Dimension<?>> dimension() {
            return Optional.empty();
        }
    }

    private record Plain<V, W>(WireType<W> wire, Function<V, W> encode, Function<String, String> decode)
            implements Encoding<V> {
        static <V> Plain<V, V> of(WireType<V> wire) {
            return new Plain<>(wire, value -> value, element -> element);
        }

        @Override
        public String decoded(String element) {
            return decode.apply(element);
        }

        @Override
        public <R> WireColumn<?> encode(
                List<R> rows, Function<? super R, ? extends @Nullable V> value, Numbers numbers) {
            return WireColumn.of(wire, rows, row -> {
                V plain = value.apply(row);
                return plain == null ? null : encode.apply(plain);
            });
        }
    }

    private record NumberOf<V>(Dimension<V> of, String sqlName) implements Encoding<V> {
        @Override
        public WireType<Long> wire() {
            return WireType.INT8;
        }

        @Override
        public String decoded(String element) {
            return element + "::" + sqlName;
        }

        @Override
        public <R> WireColumn<?> encode(
                List<R> rows, Function<? super R, ? extends @Nullable V> value, Numbers numbers) {
            return WireColumn.of(wire(), numbers.of(of, rows, value));
        }

        @Override
        public Optional<Dimension<?>> dimension() {
            return Optional.of(of);
        }
    }
}
