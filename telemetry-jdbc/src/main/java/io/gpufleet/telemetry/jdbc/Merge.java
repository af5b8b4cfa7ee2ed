package io.gpufleet.telemetry.jdbc;

/**
 * The merge of a column's stored value and a new one. Immutable.
 *
 * @param kind the rule
 * @param version for {@link Kind#NEWEST_BY} the column that decides, else empty
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
