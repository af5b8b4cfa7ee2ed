package io.gpufleet.telemetry.gpu;

/** The properties that the metrics of a pattern of names have in common. */
record MetricTraits(
        String unit,
        MetricKind kind,
        MetricLevel level,
        ValueType type,
        double minimum,
        double maximum,
        boolean label) {
    /** Whole numbers from here on are written with an exponent. */
    private static final double LARGEST_WHOLE = 1e15;

    static MetricTraits any(MetricKind kind) {
        return new MetricTraits(
                "",
                kind,
                MetricLevel.DEVICE,
                ValueType.UNKNOWN,
                Double.NEGATIVE_INFINITY,
                Double.POSITIVE_INFINITY,
                false);
    }

    String range() {
        return minimum == Double.NEGATIVE_INFINITY ? "" : range(minimum, maximum);
    }

    static String range(double minimum, double maximum) {
        return maximum == Double.POSITIVE_INFINITY ? ">= " + plain(minimum) : plain(minimum) + ".." + plain(maximum);
    }

    /** Returns a number without a point if it is whole. */
    static String plain(double number) {
        return number == Math.rint(number) && Math.abs(number) < LARGEST_WHOLE
                ? Long.toString((long) number)
                : Double.toString(number);
    }
}
