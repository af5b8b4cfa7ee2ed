package io.gpufleet.telemetry.jdbc.gpu;

import java.util.ArrayList;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whole numbers in two or four bytes each: as multiples of their unit above a base, or as the differences of these.
 * Bytes of memory, for example, are multiples of 1,048,576.
 */
final class WideNumbers {
    private WideNumbers() {}

    /**
     * Returns numbers in their smallest form; absent if it has eight bytes.
     *
     * @param numbers one or more numbers, not all of them null
     */
    static Optional<WideValues> compact(List<@Nullable Long> numbers, WideValues.Scale scale) {
        LongSummaryStatistics range = numbers.stream()
                .filter(Objects::nonNull)
                .mapToLong(Long::longValue)
                .summaryStatistics();
        long least = range.getMin();
        if (least < 0 && range.getMax() > Long.MAX_VALUE + least) {
            return Optional.empty();
        }
        if (least == range.getMax() && !numbers.contains(null)) {
            return Optional.of(new WideValues(WideValues.Form.BASE, scale, 1, least, List.of()));
        }
        long unit = unit(numbers, least);
        long multiples = (range.getMax() - least) / unit;
        long base = multiples <= Short.MAX_VALUE ? least : least + unit * (multiples / 2 + multiples % 2);
        return narrowed(numbers, scale, unit, base);
    }

    private static long unit(List<@Nullable Long> numbers, long least) {
        long unit = 0;
        for (Long number : numbers) {
            unit = number == null ? unit : divisor(number - least, unit);
        }
        return Math.max(unit, 1);
    }

    private static long divisor(long one, long other) {
        return other == 0 ? one : divisor(other, one % other);
    }

    private static Optional<WideValues> narrowed(
            List<@Nullable Long> numbers, WideValues.Scale scale, long unit, long base) {
        long first = numbers.stream().filter(Objects::nonNull).findFirst().orElseThrow();
        List<@Nullable Long> above = above(numbers, unit, base);
        List<@Nullable Long> steps = steps(above(numbers, unit, first));
        if (fits(above, Short.MAX_VALUE)) {
            return Optional.of(of(WideValues.Form.SMALL, scale, unit, base, above));
        }
        if (fits(steps, Short.MAX_VALUE)) {
            return Optional.of(of(WideValues.Form.SMALL_STEPS, scale, unit, first, steps));
        }
        if (fits(above, Integer.MAX_VALUE)) {
            return Optional.of(of(WideValues.Form.WHOLE, scale, unit, base, above));
        }
        return fits(steps, Integer.MAX_VALUE)
                ? Optional.of(of(WideValues.Form.WHOLE_STEPS, scale, unit, first, steps))
                : Optional.empty();
    }

    private static List<@Nullable Long> above(List<@Nullable Long> numbers, long unit, long base) {
        List<@Nullable Long> above = new ArrayList<>(numbers.size());
        numbers.forEach(number -> above.add(number == null ? null : (number - base) / unit));
        return above;
    }

    private static List<@Nullable Long> steps(List<@Nullable Long> numbers) {
        List<@Nullable Long> steps = new ArrayList<>(numbers.size());
        long last = 0;
        for (Long number : numbers) {
            steps.add(number == null ? null : number - last);
            last = number == null ? last : number;
        }
        return steps;
    }

    private static boolean fits(List<@Nullable Long> numbers, long most) {
        return numbers.stream().allMatch(number -> number == null || (number <= most && number >= -most - 1));
    }

    private static WideValues of(
            WideValues.Form form, WideValues.Scale scale, long unit, long base, List<@Nullable Long> numbers) {
        boolean isSmall = form == WideValues.Form.SMALL || form == WideValues.Form.SMALL_STEPS;
        List<@Nullable Number> narrow = new ArrayList<>(numbers.size());
        for (Long number : numbers) {
            narrow.add(number == null ? null : isSmall ? (Number) number.shortValue() : (Number) number.intValue());
        }
        return new WideValues(form, scale, unit, base, narrow);
    }
}
