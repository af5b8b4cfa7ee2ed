package io.gpufleet.telemetry.benchmarks.pipeline;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.benchmarks.pipeline.PreparedBy.Preparer;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import java.util.List;
import javax.sql.DataSource;

/**
 * The sink of {@link WithPositions} without the positions, which shows the cost of exactly once. The two statements
 * that lock and move the positions never reach the server; the rest of the sink is unchanged.
 */
final class WithoutPositions implements Contestant {
    static final String NAME = "without positions";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String settings() {
        return WithPositions.SETTINGS + ", from memory";
    }

    @Override
    public Figures run(Stage stage) throws Exception {
        return run(this, stage, AnsweredPositions::prepare);
    }

    static Figures run(Contestant row, Stage stage, Preparer preparer) throws Exception {
        List<List<Batch<Heartbeat>>> lanes = stage.batches(WithPositions.SETTINGS);
        try (Database database = stage.newDatabase(WithPositions.SETTINGS.connections())) {
            DataSource source = PreparedBy.of(database.pool(), preparer);
            Figures figures = SinkFeed.measure(stage, HeartbeatSink.create(source), lanes);
            Contents.ofAll(stage.backlog()).requireIn(database, row.name());
            return figures;
        }
    }
}
