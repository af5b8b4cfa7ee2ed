package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.testkit.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** A PostgreSQL that is too old stays unchanged. */
final class RefusedPostgresIT {
    private static final Path BINARIES = Path.of(System.getProperty("telemetry.postgres13"));

    /** All objects that an installation can create in a database. */
    private static final String MADE = """
            SELECT (SELECT count(*) FROM pg_class WHERE relnamespace >= 16384 OR relnamespace = 'public'::regnamespace)
                + (SELECT count(*) FROM pg_proc WHERE oid >= 16384) + (SELECT count(*) FROM pg_type WHERE oid >= 16384)
                + (SELECT count(*) FROM pg_namespace WHERE oid >= 16384)""";

    @Test
    void install_onPostgres13_isRefusedByVersion_andMakesNothing() throws SQLException {
        assumeTrue(Files.isDirectory(BINARIES), "the build brings PostgreSQL 13 for Linux on x86-64 only");
        try (PostgresServer postgres =
                PostgresServer.builder().binaries(BINARIES).start()) {
            DataSource source = postgres.newDatabase().dataSource();
            assertThat(value(source, "SHOW server_version")).startsWith("13.");

            assertThatExceptionOfType(TelemetryException.class)
                    .isThrownBy(() -> TelemetrySchema.builder(source)
                            .schema("telemetry")
                            .build()
                            .install())
                    .withNoCause()
                    .withMessageMatching("Server is PostgreSQL 13\\.\\d+; 14 or newer is needed. Nothing was changed");
            assertThat(value(source, MADE)).isEqualTo("0");
        }
    }

    private static String value(DataSource source, String sql) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getString(1);
        }
    }
}
