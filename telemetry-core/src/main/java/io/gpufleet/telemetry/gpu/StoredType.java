package io.gpufleet.telemetry.gpu;

import java.util.OptionalLong;

/**
 * The type of a column of wide rows. A value is held in 64 bits: a whole number as it is, another one as the bits of a
 * double.
 */
enum StoredType {
    BIGINT("bigint", true, Long.MAX_VALUE),
    INTEGER("integer", true, Integer.MAX_VALUE),
    /** Rounded to what a {@code real} holds, so that two values compare here as they do in the database. */
    REAL("real", false, Float.MAX_VALUE),
    DOUBLE("double precision", false, Double.MAX_VALUE);

    private static final double TWO_TO_63 = 0x1p63;

    private final String sqlName;
    private final boolean whole;
    private final double largest;

    StoredType(String sqlName, boolean whole, double largest) {
        this.sqlName = sqlName;
        this.whole = whole;
        this.largest = largest;
    }

    String sqlName() {
        return sqlName;
    }

    boolean isWhole() {
        return whole;
    }

    /** Returns the 64 bits of a value; none if the column cannot hold it. */
    OptionalLong encode(double value) {
        if (!whole) {
            return Math.abs(value) <= largest ? OptionalLong.of(bits(value)) : OptionalLong.empty();
        }
        double rounded = Math.rint(value);
        return Math.abs(rounded) < TWO_TO_63 ? encode((long) rounded) : OptionalLong.empty();
    }

    /** Returns the 64 bits of a whole number; none if the column cannot hold it. */
    OptionalLong encode(long value) {
        if (!whole) {
            return encode((double) value);
        }
        return this == INTEGER && value != (int) value ? OptionalLong.empty() : OptionalLong.of(value);
    }

    /** Zeros of both signs are one, as in the database. */
    private long bits(double value) {
        return Double.doubleToRawLongBits((this == REAL ? (float) value : value) + 0.0);
    }

    double measuredOf(long bits) {
        return whole ? bits : Double.longBitsToDouble(bits);
    }

    int compare(long left, long right) {
        return whole ? Long.compare(left, right) : Double.compare(measuredOf(left), measuredOf(right));
    }
}
