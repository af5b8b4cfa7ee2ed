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
        VALUE,
        /** Whole numbers of two bytes. */
        SMALL,
        /** Whole numbers of four bytes. */
        WHOLE,
        /** Single precision. */
        SINGLE,
        /** Double precision. */
        EXACT
    }

    private static final int LARGEST_DIVISOR = 1_000_000_000;
    /** Beyond it not every whole number is a double. */
    private static final long MOST = 1L << 53;

    private final Form form;
    private final Object numbers;
    private final OptionalInt divisor;
    private final OptionalLong base;

    private PieceValues(Form form, Object numbers, OptionalInt divisor, OptionalLong base) {
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
            return unscaled(Form.VALUE, values[0]);
        }
        return scaled(values)
                .or(() -> single(values).map(numbers -> unscaled(Form.SINGLE, numbers)))
                .orElseGet(() -> unscaled(Form.EXACT, values.clone()));
    }

    private static PieceValues unscaled(Form form, Object numbers) {
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
        return form == Form.EXACT
                ? Optional.empty()
                : Optional.of(new PieceValues(
                        form, form == Form.SMALL ? shorts(numbers) : ints(numbers), OptionalInt.of(divisor), base));
    }

    private static short[] shorts(long[] numbers) {
        short[] shorts = new short[numbers.length];
        for (int i = 0; i < numbers.length; i++) {
            shorts[i] = (short) numbers[i];
        }
        return shorts;
    }

    private static int[] ints(long[] numbers) {
        return Arrays.stream(numbers).mapToInt(Math::toIntExact).toArray();
    }

    private static Optional<float[]> single(double[] values) {
        float[] singles = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            singles[i] = (float) values[i];
            if (!isSame(singles[i], values[i])) {
                return Optional.empty();
            }
        }
        return Optional.of(singles);
    }

    /** Returns the form, the only column of numbers that is not null. */
    Form form() {
        return form;
    }

    /** Returns the contents of that column: an array of numbers of its type, or the one value. */
    Object numbers() {
        return numbers;
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
