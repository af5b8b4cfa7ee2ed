package io.gpufleet.telemetry.benchmarks.gpu;

import io.gpufleet.telemetry.benchmarks.pipeline.Database;
import io.gpufleet.telemetry.benchmarks.pipeline.Figures;
import io.gpufleet.telemetry.benchmarks.pipeline.Measurement;
import java.sql.SQLException;

/**
 * The limit of the database without a client: the rows that a sink has stored, inserted again in their order by one
 * statement, into the same table with its indexes.
 */
final class InsertSelect {
    /** Several processes would read the rows in any order. */
    private static final String IN_ORDER = "SET max_parallel_workers_per_gather = 0; ";

    private InsertSelect() {}

    /** Empties the table and inserts its rows again. */
    static Figures measure(SampleStage stage, SampleForm form, Database database)
            throws InterruptedException, SQLException {
        database.execute(IN_ORDER + "CREATE UNLOGGED TABLE stored AS SELECT * FROM " + form.table());
        database.execute("TRUNCATE " + form.table());
        database.execute("VACUUM ANALYZE stored");
        stage.servers().execute("CHECKPOINT");
        Measurement measurement = stage.measure();
        measurement.begin();
        database.execute("INSERT INTO " + form.table() + " SELECT * FROM stored");
        measurement.done(stage.backlog().samples());
        return measurement.await();
    }
}
