package io.gpufleet.telemetry.gpu;

/** The unit of a reading in a metric event, with the factors from DCGM's unit and to the column's. */
enum EventUnit {
    CELSIUS("C", false, 1, 1),
    WATT("W", false, 1, 1),
    PERCENT("%", false, 1, 1),
    /** Percent of what DCGM gives as a ratio. */
    PERCENT_OF_RATIO("%", false, EventUnit.HUNDRED, 1),
    MEGAHERTZ("MHz", false, 1, 1),
    /** Stored as bytes. */
    MEBIBYTE("MiB", false, 1, EventUnit.BYTES_OF_MEBIBYTE),
    /** Given by DCGM, and stored, as bytes a second. */
    MEBIBYTE_PER_SECOND("MiB/s", false, 1 / EventUnit.BYTES_OF_MEBIBYTE, EventUnit.BYTES_OF_MEBIBYTE),
    BITS("bits", true, 1, 1),
    COUNT("count", true, 1, 1),
    PAGES("pages", true, 1, 1),
    ROWS("rows", true, 1, 1),
    FLAG("0/1", true, 1, 1),
    CODE("code", true, 1, 1),
    XID("Xid", true, 1, 1),
    MILLIJOULE("mJ", true, 1, 1),
    NANOSECOND("ns", true, 1, 1),
    GENERATION("gen", true, 1, 1),
    LANES("lanes", true, 1, 1),
    LINKS("links", true, 1, 1);

    static final double UNBOUNDED = Double.POSITIVE_INFINITY;

    private static final double HUNDRED = 100;
    private static final double BYTES_OF_MEBIBYTE = 1 << 20;

    private final String text;
    private final boolean whole;
    private final double fromMetric;
    private final double toColumn;

    EventUnit(String text, boolean whole, double fromMetric, double toColumn) {
        this.text = text;
        this.whole = whole;
        this.fromMetric = fromMetric;
        this.toColumn = toColumn;
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

    double toColumn() {
        return toColumn;
    }
}
