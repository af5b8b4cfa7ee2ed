package io.gpufleet.telemetry.jdbc.gpu;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The values of a column in a piece of wide rows: the smallest form from which the view {@code gpu_metrics_unpacked}
 * computes the same bits; null is a blank. Two are equal if they are stored alike. Immutable.
 *
 * <p>What is no whole number is the quotient of one and a power of ten, times a factor, since a ratio in percent is a
 * product with 100. Each value is proved so, by its bits. Negative zero and NaN are no such values.
 *
 * @param form the form
 * @param scale the scale of the whole numbers
 * @param unit the unit of the whole numbers, 1 or more
 * @param base the base of the whole numbers
 * @param numbers a number for each value; one if it is the value of all, none if the base is
 */
record WideValues(Form form, Scale scale, long unit, long base, List<@Nullable Number> numbers) {
    /** The forms, with their numbers in {@code gpu_metrics_piece}. */
    enum Form {
        /** The base is the value of all. */
        BASE(0),
        /** Multiples of the unit above the base, in two bytes. */
        SMALL(1),
        /** Differences of such multiples, in two bytes. */
        SMALL_STEPS(2),
        /** Multiples of the unit above the base, in four bytes. */
        WHOLE(3),
        /** Differences of such multiples, in four bytes. */
        WHOLE_STEPS(4),
        /** Whole numbers of eight bytes. */
        LARGE(5),
        /** Single precision. */
        SINGLE(6),
        /** Double precision. */
        EXACT(7),
        /** The only number is the value of all. */
        CONSTANT(8);

        private final int code;

        Form(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }
    }

    /**
     * The quotient and the product that turn a whole number into a value. Immutable.
     *
     * @param divisor a power of ten
     * @param factor 1 or 100
     */
    record Scale(int divisor, int factor) {
        static final Scale NONE = new Scale(1, 1);

        /** Returns the value of a whole number, as the view computes it. */
        double valueOf(long number) {
            return (double) number / divisor * factor;
        }

        /** Returns the whole number of a value, if it has one. */
        long numberOf(double value) {
            return (long) Math.rint(value / factor * divisor);
        }
    }

    /** The comparison of a computed value with the one at a place, by their bits. */
    private interface Proof {
        boolean isSame(double computed, int place);
    }

    private static final List<Integer> FACTORS = List.of(1, 100);
    private static final int LARGEST_DIVISOR = 1_000_000_000;
    /** Beyond it not every whole number is a double. */
    private static final long MOST = 1L << 53;

    /** Copies the list. */
    WideValues {
        numbers = Collections.unmodifiableList(new ArrayList<>(numbers));
    }

    /**
     * Returns whole numbers.
     *
     * @param values one or more values in the order of their times, not all of them null
     */
    static WideValues ofWhole(List<@Nullable Long> values) {
        return WideNumbers.compact(values, Scale.NONE).orElseGet(() -> unscaled(Form.LARGE, values));
    }

    /**
     * Returns values in double precision.
     *
     * @param values one or more values in the order of their times, not all of them null
     */
    static WideValues ofDoubles(List<@Nullable Double> values) {
        return scaled(values, (computed, place) -> hasBits(values.get(place), computed))
                .or(() -> constant(values))
                .or(() -> single(values))
                .orElseGet(() -> unscaled(Form.EXACT, values));
    }

    /**
     * Returns values in single precision. Their shortest decimals have whole numbers more often than their doubles.
     *
     * @param values one or more values in the order of their times, not all of them null
     */
    static WideValues ofReals(List<@Nullable Float> values) {
        List<@Nullable Double> decimals = new ArrayList<>(values.size());
        values.forEach(value -> decimals.add(value == null ? null : Double.valueOf(value.toString())));
        return scaled(decimals, (computed, place) -> Objects.equals(values.get(place), (float) computed))
                .or(() -> constant(values))
                .orElseGet(() -> unscaled(Form.SINGLE, values));
    }

    private static WideValues unscaled(Form form, List<? extends @Nullable Number> numbers) {
        return new WideValues(form, Scale.NONE, 1, 0, new ArrayList<>(numbers));
    }

    /** Returns whether a value is not null and has the same bits; so {@code equals} compares, but for NaN. */
    private static boolean hasBits(@Nullable Double value, double computed) {
        return value != null && Double.doubleToRawLongBits(value) == Double.doubleToRawLongBits(computed);
    }

    private static Optional<WideValues> scaled(List<@Nullable Double> values, Proof proof) {
        for (int factor : FACTORS) {
            for (int divisor = 1; ; divisor *= 10) {
                Scale scale = new Scale(divisor, factor);
                Optional<List<@Nullable Long>> numbers = numbers(values, scale, proof);
                if (numbers.isPresent()) {
                    return WideNumbers.compact(numbers.get(), scale);
                }
                if (divisor == LARGEST_DIVISOR) {
                    break;
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<List<@Nullable Long>> numbers(List<@Nullable Double> values, Scale scale, Proof proof) {
        List<@Nullable Long> numbers = new ArrayList<>(values.size());
        for (Double value : values) {
            if (value == null) {
                numbers.add(null);
                continue;
            }
            long number = scale.numberOf(value);
            if (number > MOST || number < -MOST || !proof.isSame(scale.valueOf(number), numbers.size())) {
                return Optional.empty();
            }
            numbers.add(number);
        }
        return Optional.of(numbers);
    }

    private static Optional<WideValues> constant(List<? extends @Nullable Number> values) {
        Number first = values.get(0);
        return first != null && values.stream().allMatch(first::equals)
                ? Optional.of(unscaled(Form.CONSTANT, List.of(first)))
                : Optional.empty();
    }

    private static Optional<WideValues> single(List<@Nullable Double> values) {
        List<@Nullable Float> singles = new ArrayList<>(values.size());
        for (Double value : values) {
            if (value != null && !hasBits(value, value.floatValue())) {
                return Optional.empty();
            }
            singles.add(value == null ? null : value.floatValue());
        }
        return Optional.of(unscaled(Form.SINGLE, singles));
    }
}
