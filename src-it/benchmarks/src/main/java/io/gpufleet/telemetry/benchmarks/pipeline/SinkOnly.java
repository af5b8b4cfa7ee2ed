package io.gpufleet.telemetry.benchmarks.pipeline;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import java.util.List;

/** The product's sink, fed from memory with the consumer's batches: all writes, and no Kafka. */
final class SinkOnly implements Contestant {
    static final String NAME = "sink only";

    private final BacklogSettings settings;

    SinkOnly(BacklogSettings settings) {
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
    public Figures run(Stage stage) throws Exception {
        List<List<Batch<Heartbeat>>> lanes = stage.batches(settings);
        try (Database database = stage.newDatabase(settings.connections())) {
            Figures figures = SinkFeed.measure(stage, HeartbeatSink.create(database.pool()), lanes);
            Contents.ofAll(stage.backlog()).requireIn(database, name());
            return figures;
        }
    }
}
