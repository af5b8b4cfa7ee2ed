package io.gpufleet.telemetry.jdbc;

/**
 * The merge of a column's stored value with a new one. Immutable.
 *
 * @param kind the rule
 * @param version the column that decides for {@link Kind#NEWEST_BY}, else empty
 */
record Merge(Kind kind, String version) {

    enum Kind {
        KEY,
        KEEP,
        SUM,
        SATURATING_SUM,
        MIN,
        MAX,
        NEWEST_BY
    }

    static Merge of(Kind kind) {
        return new Merge(kind, "");
    }

    static Merge newestBy(String version) {
        return new Merge(Kind.NEWEST_BY, version);
    }
}
