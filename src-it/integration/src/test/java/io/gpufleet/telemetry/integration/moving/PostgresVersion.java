package io.gpufleet.telemetry.integration.moving;

import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.PostgresServer;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import java.nio.file.Path;

/** The newest and the oldest supported PostgreSQL. */
enum PostgresVersion {
    POSTGRES_18 {
        @Override
        PostgresDatabase newDatabase(TelemetryStack stack) {
            return stack.newDatabase();
        }
    },
    POSTGRES_14 {
        @Override
        PostgresDatabase newDatabase(TelemetryStack stack) {
            return Oldest.SERVER.newDatabase();
        }
    };

    /** Returns a database without any table. */
    abstract PostgresDatabase newDatabase(TelemetryStack stack);

    private static final class Oldest {
        static final PostgresServer SERVER = PostgresServer.builder()
                .binaries(Path.of(System.getProperty("telemetry.postgres14")))
                .start();
    }
}
