package io.gpufleet.telemetry.examples.terminal;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** The decimal form of a reading: the shortest one that gives the same double again. */
public final class Decimal {
    /** Doubles up to here, if whole, fit a long with room to spare. */
    private static final double WHOLE = 1e18;

    private Decimal() {}

    /** Returns the decimal form of a finite number. */
    public static BigDecimal of(double value) {
        if (value == Math.rint(value) && Math.abs(value) < WHOLE) {
            return BigDecimal.valueOf((long) value);
        }
        BigDecimal decimal = BigDecimal.valueOf(value);
        // Before Java 19, a double may come with a digit too many.
        for (BigDecimal shorter = shorter(decimal); shorter.doubleValue() == value; shorter = shorter(decimal)) {
            decimal = shorter;
        }
        return plain(decimal);
    }

    /** Returns a number without zeros at its end, and without an exponent where it is whole. */
    public static BigDecimal plain(BigDecimal number) {
        BigDecimal stripped = number.stripTrailingZeros();
        return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
    }

    private static BigDecimal shorter(BigDecimal decimal) {
        BigDecimal stripped = decimal.stripTrailingZeros();
        return stripped.precision() == 1
                ? BigDecimal.ZERO
                : stripped.round(new MathContext(stripped.precision() - 1, RoundingMode.HALF_EVEN));
    }
}
