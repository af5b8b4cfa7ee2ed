package io.gpufleet.telemetry.jdbc.gpu;

import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The values of a piece of compacted samples as columns of {@code gpu_sample_piece}: the smallest form from which the
 * view {@code gpu_sample_unpacked} computes the same bits. Immutable.
 *
 * <p>Whole numbers are divided by an exact power of ten: a product with its reciprocal would differ in the last bit.
 * Each value is proved so, by its bits. Negative zero and NaN are no whole numbers.
 */
final class PieceValues {
    /** The column of the values, which says their form. */
    enum Form {
        /** One value for all. */
        VALUE("float8"),
        /** Whole numbers of two bytes. */
        SMALL("int2"),
        /** Whole numbers of four bytes. */
        WHOLE("int4"),
        /** Single precision. */
        SINGLE("float4"),
        /** Double precision. */
        EXACT("float8");

        private final String type;

        Form(String type) {
            this.type = type;
        }

        /** Returns PostgreSQL's type of a number. */
        String type() {
            return type;
        }
    }

    private static final int LARGEST_DIVISOR = 1_000_000_000;
    /** Beyond it not every whole number is a double. */
    private static final long MOST = 1L << 53;

    private final Form form;
    private final Object[] numbers;
    private final OptionalInt divisor;
    private final OptionalLong base;

    private PieceValues(Form form, Object[] numbers, OptionalInt divisor, OptionalLong base) {
        this.form = form;
        this.numbers = numbers;
        this.divisor = divisor;
        this.base = base;
    }

    /**
     * Returns some values.
     *
     * @param values one or more values in the order of their times
     */
    static PieceValues of(double... values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("values: there is none");
        }
        if (Arrays.stream(values).allMatch(value -> isSame(value, values[0]))) {
            return unscaled(Form.VALUE, new Double[] {values[0]});
        }
        return scaled(values)
                .or(() -> single(values).map(numbers -> unscaled(Form.SINGLE, numbers)))
                .orElseGet(
                        () -> unscaled(Form.EXACT, Arrays.stream(values).boxed().toArray(Double[]::new)));
    }

    private static PieceValues unscaled(Form form, Object[] numbers) {
        return new PieceValues(form, numbers, OptionalInt.empty(), OptionalLong.empty());
    }

    private static boolean isSame(double one, double other) {
        return Double.doubleToRawLongBits(one) == Double.doubleToRawLongBits(other);
    }

    /** Returns the values as whole numbers, or their differences if these are smaller; absent if there are none. */
    private static Optional<PieceValues> scaled(double[] values) {
        for (int divisor = 1; ; divisor *= 10) {
            long[] numbers = numbers(values, divisor);
            if (numbers != null) {
                return smallest(numbers, divisor);
            }
            if (divisor == LARGEST_DIVISOR) {
                return Optional.empty();
            }
        }
    }

    private static long @Nullable [] numbers(double[] values, int divisor) {
        long[] numbers = new long[values.length];
        for (int i = 0; i < values.length; i++) {
            numbers[i] = (long) Math.rint(values[i] * divisor);
            if (numbers[i] > MOST || numbers[i] < -MOST || !isSame((double) numbers[i] / divisor, values[i])) {
                return null;
            }
        }
        return numbers;
    }

    private static Optional<PieceValues> smallest(long[] numbers, int divisor) {
        long[] differences = IntStream.range(0, numbers.length)
                .mapToLong(i -> i == 0 ? 0 : numbers[i] - numbers[i - 1])
                .toArray();
        Form plain = form(numbers);
        Form relative = form(differences);
        if (plain.compareTo(relative) <= 0) {
            return whole(plain, numbers, divisor, OptionalLong.empty());
        }
        return whole(relative, differences, divisor, OptionalLong.of(numbers[0]));
    }

    private static Form form(long[] numbers) {
        if (Arrays.stream(numbers).allMatch(number -> number == (short) number)) {
            return Form.SMALL;
        }
        return Arrays.stream(numbers).allMatch(number -> number == (int) number) ? Form.WHOLE : Form.EXACT;
    }

    private static Optional<PieceValues> whole(Form form, long[] numbers, int divisor, OptionalLong base) {
        if (form == Form.EXACT) {
            return Optional.empty();
        }
        Object[] boxed = form == Form.SMALL
                ? Arrays.stream(numbers).mapToObj(number -> (short) number).toArray(Short[]::new)
                : Arrays.stream(numbers).mapToObj(number -> (int) number).toArray(Integer[]::new);
        return Optional.of(new PieceValues(form, boxed, OptionalInt.of(divisor), base));
    }

    private static Optional<Object[]> single(double[] values) {
        return Arrays.stream(values).allMatch(value -> isSame((float) value, value))
                ? Optional.of(
                        Arrays.stream(values).mapToObj(value -> (float) value).toArray(Float[]::new))
                : Optional.empty();
    }

    /** Returns the form, the only column of numbers that is not null. */
    Form form() {
        return form;
    }

    /** Returns the numbers, of the type of the form: one for each value, or the one value. */
    Object[] numbers() {
        return numbers.clone();
    }

    /** Returns the divisor of whole numbers; absent for other forms. */
    OptionalInt divisor() {
        return divisor;
    }

    /** Returns the number from which the first difference is taken; absent if the numbers are no differences. */
    OptionalLong base() {
        return base;
    }

    @Override
    public String toString() {
        return form
                + (divisor.isPresent() ? " / " + divisor.getAsInt() : "")
                + (base.isPresent() ? ", differences" : "");
    }
}
