package io.gpufleet.telemetry.jdbc.query;

/**
 * The SQL of an aggregation in two steps: over the values of one part of a GPU, or of one GPU of a group, and over the
 * results of these. Sums go in the order of times and then of GPUs, so that they are the same in any plan. Immutable.
 */
final class AggregateParts {
    private static final String BUCKET = "date_bin(make_interval(secs => :seconds), ts, timestamptz 'epoch')";

    /** The sum of the rises; the first value has none, and after a fall the value is one. */
    static final String INCREASE = "sum(CASE WHEN value_before IS NULL THEN 0 WHEN value >= value_before"
            + " THEN value - value_before ELSE value END ORDER BY ts)";

    private static final String SECONDS = "extract(epoch FROM sum(ts - ts_before))::double precision";

    private static final String PART = "SELECT instance, <bucket> AS start, count(*) AS samples, max(ts) AS last,"
            + " <function> AS value FROM r WHERE mine AND value IS NOT NULL GROUP BY 1, 2";

    /**
     * The time until the next value, cut at the borders of buckets, of which only those with a sample of their own are
     * wanted in the end.
     */
    private static final String HELD = """
            SELECT instance, h.start, count(*) FILTER (WHERE h.own) AS samples,
                sum(value ORDER BY ts) FILTER (WHERE h.own) AS value,
                sum(value * h.held ORDER BY ts) AS weighted, sum(h.held ORDER BY ts) AS held
            FROM (
                SELECT instance, ts, value, least(ts_after, ts + interval '5 minutes', :end) AS until
                FROM r WHERE mine AND value IS NOT NULL
            ) AS u CROSS JOIN LATERAL (<pieces>) AS h
            GROUP BY 1, 2""";

    private static final String WHOLE =
            "SELECT NULL::timestamptz AS start, true AS own, extract(epoch FROM until - ts)::double precision AS held";

    private static final String CUT = """
            SELECT b.start, b.start <= ts AS own, extract(epoch FROM
                least(b.start + make_interval(secs => :seconds), until) - greatest(b.start, ts))::double precision AS held
            FROM generate_series(<bucket>, until, make_interval(secs => :seconds)) AS b(start)""";

    private static final String MEAN_OF_HELD = "coalesce(sum(q.weighted ORDER BY q.gpu_no)"
            + " / nullif(sum(q.held ORDER BY q.gpu_no), 0), sum(q.value ORDER BY q.gpu_no) / sum(q.samples))";

    private static final String SUM = "sum(value ORDER BY ts)";
    private static final String SUM_OF_ALL = "sum(q.value ORDER BY q.gpu_no)";

    private final String part;
    private final String whole;

    private AggregateParts(String part, String whole) {
        this.part = part;
        this.whole = whole;
    }

    static AggregateParts of(AggregateQuery query) {
        boolean hasBuckets = query.bucket().isPresent();
        AggregateParts parts = query.isTimeWeighted()
                ? new AggregateParts(HELD.replace("<pieces>", hasBuckets ? CUT : WHOLE), MEAN_OF_HELD)
                : plain(query.aggregation());
        return new AggregateParts(
                parts.part.replace("<bucket>", hasBuckets ? BUCKET : "NULL::timestamptz"), parts.whole);
    }

    private static AggregateParts plain(Aggregation aggregation) {
        return switch (aggregation) {
            case MIN -> plain("min(value)", "min(q.value)");
            case MAX -> plain("max(value)", "max(q.value)");
            case AVG -> plain(SUM, SUM_OF_ALL + " / sum(q.samples)");
            case SUM -> plain(SUM, SUM_OF_ALL);
            case COUNT -> plain("NULL::double precision", "sum(q.samples)::double precision");
            case LAST ->
                plain(
                        "(array_agg(value ORDER BY ts DESC))[1]",
                        "(array_agg(q.value ORDER BY q.last DESC, q.value DESC))[1]");
            case INCREASE -> plain(INCREASE, SUM_OF_ALL);
            case RATE -> plain(INCREASE + " / nullif(" + SECONDS + ", 0)", SUM_OF_ALL);
        };
    }

    private static AggregateParts plain(String function, String whole) {
        return new AggregateParts(PART.replace("<function>", function), whole);
    }

    /** Returns the query of the results of one GPU, from {@code r}. */
    String ofGpu() {
        return part;
    }

    /** Returns the expression of the value over all results {@code q}. */
    String ofAll() {
        return whole;
    }
}
