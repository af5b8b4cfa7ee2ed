package io.gpufleet.telemetry.jdbc;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.IntBinaryOperator;
import java.util.function.IntFunction;

/**
 * A type of array elements that the driver sends, ordered as PostgreSQL orders them (texts by their UTF-8 bytes).
 * Immutable.
 *
 * @param name PostgreSQL's name of the element type
 * @param array creates an array of a length
 * @param order compares elements of an array by their indexes, none of them null
 * @param <W> the class of the elements
 */
record WireType<W>(String name, IntFunction<W[]> array, Function<W[], IntBinaryOperator> order) {
    static final WireType<Long> INT8 = of("int8", Long[]::new);
    static final WireType<Integer> INT4 = of("int4", Integer[]::new);
    static final WireType<Boolean> BOOL = of("bool", Boolean[]::new);
    static final WireType<Double> FLOAT8 = of("float8", Double[]::new, WireType::compareNumbers);
    static final WireType<BigDecimal> NUMERIC = of("numeric", BigDecimal[]::new);
    static final WireType<byte[]> BYTEA = of("bytea", byte[][]::new, Arrays::compareUnsigned);
    static final WireType<String> TEXT = new WireType<>("text", String[]::new, WireType::byBytes);

    /** Texts of the SDK, stored with unstorable characters replaced, see {@link StorableText}. */
    static final WireType<String> STORABLE_TEXT = new WireType<>("text", String[]::new, WireType::byBytes);

    static final WireType<UUID> UUID = of("uuid", UUID[]::new, WireType::compareBytes);

    private static <W extends Comparable<W>> WireType<W> of(String name, IntFunction<W[]> array) {
        return of(name, array, Comparator.naturalOrder());
    }

    private static <W> WireType<W> of(String name, IntFunction<W[]> array, Comparator<W> order) {
        return new WireType<>(name, array, values -> (row, other) -> order.compare(values[row], values[other]));
    }

    /** Compares numbers; zeros of both signs are equal. */
    private static int compareNumbers(Double left, Double right) {
        return Double.compare(left + 0.0, right + 0.0);
    }

    private static int compareBytes(UUID left, UUID right) {
        int byHigh = Long.compareUnsigned(left.getMostSignificantBits(), right.getMostSignificantBits());
        return byHigh != 0
                ? byHigh
                : Long.compareUnsigned(left.getLeastSignificantBits(), right.getLeastSignificantBits());
    }

    /** Returns the order of texts by their UTF-8 bytes, encoding each text only once. */
    private static IntBinaryOperator byBytes(String[] texts) {
        byte[][] encoded = new byte[texts.length][];
        for (int row = 0; row < texts.length; row++) {
            encoded[row] = texts[row] == null ? new byte[0] : texts[row].getBytes(StandardCharsets.UTF_8);
        }
        return (row, other) -> Arrays.compareUnsigned(encoded[row], encoded[other]);
    }
}
