package io.gpufleet.telemetry.gpu;

import java.math.BigDecimal;

/** The unit of a reading in a metric event, with the factors from DCGM's unit and to the column's, and its type. */
enum EventUnit {
    CELSIUS("C", false, 1, 1, StoredType.REAL),
    WATT("W", false, 1, 1, StoredType.DOUBLE),
    PERCENT("%", false, 1, 1, StoredType.REAL),
    /** Percent of what DCGM gives as a ratio. */
    PERCENT_OF_RATIO("%", false, EventUnit.HUNDRED, 1, StoredType.DOUBLE),
    MEGAHERTZ("MHz", false, 1, 1, StoredType.REAL),
    /** Stored as bytes. */
    MEBIBYTE("MiB", false, 1, EventUnit.BYTES_OF_MEBIBYTE, StoredType.BIGINT),
    /** Given by DCGM, and stored, as bytes a second. */
    MEBIBYTE_PER_SECOND(
            "MiB/s", false, 1 / EventUnit.BYTES_OF_MEBIBYTE, EventUnit.BYTES_OF_MEBIBYTE, StoredType.DOUBLE),
    BITS("bits", true, 1, 1, StoredType.INTEGER),
    COUNT("count", true, 1, 1, StoredType.BIGINT),
    PAGES("pages", true, 1, 1, StoredType.INTEGER),
    ROWS("rows", true, 1, 1, StoredType.INTEGER),
    FLAG("0/1", true, 1, 1, StoredType.INTEGER),
    CODE("code", true, 1, 1, StoredType.INTEGER),
    XID("Xid", true, 1, 1, StoredType.INTEGER),
    MILLIJOULE("mJ", true, 1, 1, StoredType.BIGINT),
    NANOSECOND("ns", true, 1, 1, StoredType.BIGINT),
    GENERATION("gen", true, 1, 1, StoredType.INTEGER),
    LANES("lanes", true, 1, 1, StoredType.INTEGER),
    LINKS("links", true, 1, 1, StoredType.INTEGER);

    static final double UNBOUNDED = Double.POSITIVE_INFINITY;

    private static final double HUNDRED = 100;
    private static final double BYTES_OF_MEBIBYTE = 1 << 20;

    private final String text;
    private final boolean whole;
    private final double fromMetric;
    private final double toColumn;
    private final StoredType stored;

    EventUnit(String text, boolean whole, double fromMetric, double toColumn, StoredType stored) {
        this.text = text;
        this.whole = whole;
        this.fromMetric = fromMetric;
        this.toColumn = toColumn;
        this.stored = stored;
    }

    String text() {
        return text;
    }

    boolean isWhole() {
        return whole;
    }

    double fromMetric() {
        return fromMetric;
    }

    /** Returns a value in DCGM's unit: a power of two divides exactly, a percentage moves its decimal point. */
    double toMetric(double value) {
        return this == PERCENT_OF_RATIO
                ? BigDecimal.valueOf(value).movePointLeft(2).doubleValue()
                : value / fromMetric;
    }

    double toColumn() {
        return toColumn;
    }

    StoredType stored() {
        return stored;
    }
}
