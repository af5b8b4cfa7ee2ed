package io.gpufleet.telemetry.benchmarks.pipeline;

import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import java.sql.SQLException;

/** The whole product: from the topic into all five tables, exactly once. */
final class EndToEnd implements Contestant {
    static final String NAME = "end to end";

    private final BacklogSettings settings;

    EndToEnd(BacklogSettings settings) {
        this.settings = settings;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String settings() {
        return settings.toString();
    }

    @Override
    public String details() {
        return settings.details();
    }

    @Override
    public Figures run(Stage stage) throws InterruptedException, SQLException {
        try (Database database = stage.newDatabase(settings.connections())) {
            Figures figures = ConsumerRun.of(stage, settings, HeartbeatSink.create(database.pool()));
            Contents.ofAll(stage.backlog()).requireIn(database, name());
            return figures;
        }
    }
}
