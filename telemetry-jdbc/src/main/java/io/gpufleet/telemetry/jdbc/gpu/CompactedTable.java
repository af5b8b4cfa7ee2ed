package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.util.List;
import java.util.Optional;

/**
 * A table whose old days are compacted, together with the tables that begin with its name: {@code _retention},
 * {@code _compaction} with a row for each compacted day, {@code _hour} with a row for each lock of a GPU and hour,
 * {@code _piece} with the column {@code samples}. Immutable.
 *
 * @param schema the schema of all of them; absent if the search path finds them
 * @param name the table, partitioned by UTC day
 * @param time the column of the times of its rows
 * @param pieces the tables of its compacted days, partitioned by UTC day of the column {@code hour}; {@code _hour} is
 *     one of them
 * @param rewrite the rewrite of rows as pieces
 */
record CompactedTable(Optional<String> schema, String name, String time, List<String> pieces, HourRewrite rewrite) {

    /** Returns the tables of samples by numbers. */
    static CompactedTable samples(Optional<String> schema) {
        return new CompactedTable(
                schema,
                "gpu_sample",
                "ts",
                List.of("gpu_sample_hour", "gpu_sample_times", "gpu_sample_piece"),
                new PieceRewrite(schema));
    }

    /** Returns the tables of wide rows. */
    static CompactedTable wideRows(Optional<String> schema) {
        return new CompactedTable(
                schema,
                "gpu_metrics",
                "time",
                List.of("gpu_metrics_hour", "gpu_metrics_piece"),
                new WideRewrite(schema));
    }

    /**
     * Returns a statement for this table: {@code {rows}} is the table, {@code {rows_hour}} the one with that ending,
     * {@code {time}} the column of the times, and any other name in braces a table of the schema.
     */
    String sql(String template) {
        return Identifier.qualifyAll(
                schema, template.replace("{time}", Identifier.quote(time)).replace("{rows", "{" + name));
    }

    @Override
    public String toString() {
        return "table " + Identifier.qualify(schema, name);
    }
}
