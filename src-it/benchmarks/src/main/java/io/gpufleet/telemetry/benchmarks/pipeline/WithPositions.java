package io.gpufleet.telemetry.benchmarks.pipeline;

import java.sql.Connection;

/** The sink in small batches, for comparison with {@link WithoutPositions}, which has the same settings. */
final class WithPositions implements Contestant {
    static final String NAME = "with positions";

    /** One lane, so that no other lane hides the wait for an answer. */
    static final BacklogSettings SETTINGS = new BacklogSettings(1, 1_000);

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String settings() {
        return SETTINGS + ", from memory";
    }

    @Override
    public Figures run(Stage stage) throws Exception {
        return WithoutPositions.run(this, stage, Connection::prepareStatement);
    }
}
