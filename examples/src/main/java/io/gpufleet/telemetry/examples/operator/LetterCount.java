package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.examples.terminal.Column;
import io.gpufleet.telemetry.examples.terminal.Table;
import java.util.List;
import java.util.Locale;

/** The grouping of a count of dead letters. */
enum LetterCount {
    /** The reasons of the letters. */
    REASON(kind("r.reason"), ", unnest(reasons) AS r(reason)"),
    /** The stages that refused them. */
    STAGE("stage", ""),
    /** The topics of their records. */
    TOPIC("topic", ""),
    /** The group that dead-lettered them. */
    GROUP("group_id", "");

    private final String counted;
    private final String source;

    LetterCount(String counted, String source) {
        this.counted = counted;
        this.source = source;
    }

    /**
     * Returns the SQL of a reason without its numbers (offsets, sizes, times), so that similar reasons count as one.
     */
    static String kind(String reason) {
        return "regexp_replace(" + reason + ", '[0-9]+', 'N', 'g')";
    }

    /** Returns the query, with the same parameters as that for the letters themselves. */
    String sql() {
        return "SELECT count(*), count(*) - count(replayed_at), min(created_at), max(created_at), " + counted
                + " FROM {dead_letters}" + source + """
                 WHERE group_id = coalesce(?::text, group_id) AND topic = coalesce(?::text, topic)
                    AND stage = coalesce(?::text, stage) AND created_at >= coalesce(?::timestamptz, '-infinity')
                GROUP BY\s""" + counted + " ORDER BY 1 DESC, 5 LIMIT ?";
    }

    Table table() {
        String what = name().toLowerCase(Locale.ROOT);
        return new Table(
                "Dead letters by " + what + ", the most frequent first",
                List.of(
                        Column.count("letters"),
                        Column.count("not replayed"),
                        Column.instant("first set aside at").dispensable(1),
                        Column.instant("last set aside at"),
                        this == REASON ? Column.prose(what) : Column.text(what)));
    }
}
