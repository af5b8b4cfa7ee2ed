package io.gpufleet.telemetry.benchmarks.gpu;

import io.gpufleet.telemetry.benchmarks.pipeline.Database;
import io.gpufleet.telemetry.benchmarks.pipeline.Figures;
import io.gpufleet.telemetry.benchmarks.pipeline.Measurement;
import java.sql.SQLException;

/**
 * The limit of the database without a client: the rows that a sink has stored, inserted again by one statement, into
 * the same table with its indexes.
 */
final class InsertSelect {
    /** Several processes would read the rows in any order. */
    private static final String IN_ORDER = "SET max_parallel_workers_per_gather = 0; ";

    /** The columns of wide rows that samples fill. */
    private static final String READINGS = """
            FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = 'gpu_metrics'
            AND is_nullable = 'YES' AND data_type <> 'ARRAY'
            AND column_name NOT IN ('derived', 'validation_passed', 'collection_latency_ms')""";

    /** The samples of wide rows, a row for each, in the order of a scrape. */
    private static final String CREATE_SAMPLES = """
            CREATE UNLOGGED TABLE samples AS SELECT m.gpu_no, m.time, r.key AS metric, r.value::float8
            FROM gpu_metrics AS m, jsonb_each_text(jsonb_strip_nulls(to_jsonb(m))) AS r
            WHERE r.key IN (SELECT column_name %s) ORDER BY m.time, r.key, m.gpu_no""".formatted(READINGS);

    /** The statement that joins them into rows again. */
    private static final String JOIN_SAMPLES = """
            DO $$ BEGIN EXECUTE (SELECT 'INSERT INTO gpu_metrics (gpu_no, time, '
                || string_agg(quote_ident(column_name), ', ') || ') SELECT gpu_no, time, '
                || string_agg(format('max(value) FILTER (WHERE metric = %%L)::%%s', column_name, data_type), ', ')
                || ' FROM samples GROUP BY gpu_no, time' %s); END $$""".formatted(READINGS);

    private InsertSelect() {}

    /** Empties the table and inserts its rows again. */
    static Figures ofRows(SampleStage stage, SampleForm form, Database database)
            throws InterruptedException, SQLException {
        database.execute(IN_ORDER + "CREATE UNLOGGED TABLE stored AS SELECT * FROM " + form.table());
        database.execute("TRUNCATE " + form.table());
        database.execute("VACUUM ANALYZE stored");
        return measure(stage, database, "INSERT INTO " + form.table() + " SELECT * FROM stored");
    }

    /** Empties the table of wide rows and inserts them again from their samples, those that have a column. */
    static Figures ofSamples(SampleStage stage, Database database) throws InterruptedException, SQLException {
        database.execute(CREATE_SAMPLES);
        database.execute("TRUNCATE gpu_metrics");
        database.execute("VACUUM ANALYZE samples");
        return measure(stage, database, JOIN_SAMPLES);
    }

    private static Figures measure(SampleStage stage, Database database, String insert)
            throws InterruptedException, SQLException {
        stage.servers().execute("CHECKPOINT");
        Measurement measurement = stage.measure();
        measurement.begin();
        database.execute(insert);
        measurement.done(stage.backlog().samples());
        return measurement.await();
    }
}
