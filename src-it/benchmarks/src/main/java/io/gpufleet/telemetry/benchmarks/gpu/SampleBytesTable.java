package io.gpufleet.telemetry.benchmarks.gpu;

import io.gpufleet.telemetry.benchmarks.pipeline.Database;
import io.gpufleet.telemetry.benchmarks.pipeline.Servers;
import io.gpufleet.telemetry.benchmarks.pipeline.TableProgram;
import io.gpufleet.telemetry.benchmarks.report.Extent;
import io.gpufleet.telemetry.benchmarks.report.Table;
import java.sql.SQLException;
import java.util.List;

/** The program that measures the bytes of a value on the disk, with all indexes, in long and in wide rows. */
public final class SampleBytesTable {
    private static final double MOST_LONG = 145;
    private static final double MOST_WIDE = 10;

    /** The bytes of a table, of its indexes, of its partitions, and of everything but them. */
    private static final String BYTES = """
            SELECT (SELECT sum(pg_table_size(relid)) FROM pg_partition_tree('%1$s') WHERE isleaf),
                   (SELECT sum(pg_indexes_size(relid)) FROM pg_partition_tree('%1$s') WHERE isleaf),
                   (SELECT sum(pg_total_relation_size(oid)) FROM pg_class
                    WHERE relname IN ('gpu', 'gpu_metric', 'gpu_labels') AND relkind = 'r')""";

    /** The readings of wide rows: not each metric has a column. */
    private static final String READINGS = """
            SELECT count(*) FROM gpu_metrics AS m, jsonb_each(jsonb_strip_nulls(to_jsonb(m))) AS r(name, value)
            WHERE r.name NOT IN ('time', 'gpu_no', 'quality', 'derived', 'validation_passed', 'collection_latency_ms')""";

    private SampleBytesTable() {}

    /**
     * Runs the program.
     *
     * @param arguments the extent
     */
    public static void main(String[] arguments) throws Exception {
        TableProgram.run(
                "The bytes of a value on the disk, 25 samples of a GPU and scrape, batches of 10,000 samples",
                SampleBytesTable::measure,
                arguments);
    }

    static Table measure(Servers servers, Extent extent) throws Exception {
        SampleStage stage = SampleStage.of(servers, SampleProgram.backlog("sample-bytes", extent));
        Table table = new Table(
                "rows",
                "values",
                "a row",
                "table B",
                "indexes B",
                "together B",
                "wanted",
                "",
                "GPUs, metrics, labels B");
        for (SampleForm form : SampleForm.values()) {
            try (Database database = stage.newDatabase(1)) {
                stage.sinkOnly(form, 1, database);
                double rows = stage.backlog().samples() / (double) form.samplesOfARow();
                long values = form == SampleForm.LONG
                        ? stage.backlog().samples()
                        : database.numbers(READINGS).get(0);
                add(table, new Stored(form, rows, values), database);
            }
        }
        return table;
    }

    /** The contents of a table; the values are samples, or the readings of wide rows. */
    private record Stored(SampleForm form, double rows, long values) {}

    private static void add(Table table, Stored stored, Database database) throws SQLException {
        List<Long> bytes = database.numbers(BYTES.formatted(stored.form().table()));
        double together = (double) (bytes.get(0) + bytes.get(1)) / stored.values();
        double most = stored.form() == SampleForm.LONG ? MOST_LONG : MOST_WIDE;
        table.add(
                stored.form().toString(),
                Table.number((double) stored.values(), 0),
                Table.number((double) stored.values() / stored.rows(), 1),
                each(bytes.get(0), stored.values()),
                each(bytes.get(1), stored.values()),
                Table.number(together, 1),
                "<= " + Table.number(most, 0),
                together <= most ? "met" : "missed",
                each(bytes.get(2), stored.values()));
    }

    private static String each(long bytes, long values) {
        return Table.number((double) bytes / values, 1);
    }
}
