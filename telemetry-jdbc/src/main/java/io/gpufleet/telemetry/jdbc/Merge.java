package io.gpufleet.telemetry.jdbc;

import java.util.List;

/**
 * The merge of a column's stored value with a new one. Immutable.
 *
 * @param kind the rule
 * @param version the column that decides for {@link Kind#NEWEST_BY} and {@link Kind#OTHER_BY}, the host's SQL for
 *     {@link Kind#EXPRESSION}, else empty
 * @param of the columns whose other values count for {@link Kind#OTHER_BY}, else none
 */
record Merge(Kind kind, String version, List<String> of) {

    enum Kind {
        KEY,
        KEEP,
        SUM,
        SATURATING_SUM,
        MIN,
        MAX,
        NEWEST_BY,
        OTHER_BY,
        EXPRESSION
    }

    /** Copies the list. */
    Merge {
        of = List.copyOf(of);
    }

    static Merge of(Kind kind) {
        return new Merge(kind, "", List.of());
    }

    static Merge newestBy(String version) {
        return new Merge(Kind.NEWEST_BY, version, List.of());
    }

    static Merge otherBy(String version, List<String> of) {
        return new Merge(Kind.OTHER_BY, version, of);
    }

    static Merge by(String expression) {
        return new Merge(Kind.EXPRESSION, expression, List.of());
    }
}
