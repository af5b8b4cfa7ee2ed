package io.gpufleet.telemetry.testkit;

import java.nio.file.Path;

/** The data of a stopped {@link PostgresServer} at one moment; it lives as long as the server. Immutable. */
public final class PostgresSnapshot {
    private final Path data;

    PostgresSnapshot(Path data) {
        this.data = data;
    }

    Path data() {
        return data;
    }

    @Override
    public String toString() {
        return "snapshot in " + data;
    }
}
