package io.gpufleet.telemetry.examples.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.testkit.ForkedJvm;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program in its own process takes its options from the environment; its server asks for passwords. */
final class OperatorProcessTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static PostgresServer server;
    private static PostgresDatabase database;

    @BeforeAll
    static void start(@TempDir Path directory) throws IOException, SQLException {
        Path rules = directory.resolve("pg_hba.conf");
        Files.writeString(rules, """
                local all all trust
                host all postgres 127.0.0.1/32 trust
                host all all 127.0.0.1/32 scram-sha-256
                """);
        server = PostgresServer.builder().setting("hba_file", rules.toString()).start();
        database = server.newDatabase();
        TelemetrySchema.builder(database.dataSource()).schema("fleet").build().install();
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("""
                    CREATE ROLE "o@p" LOGIN PASSWORD 'p/a:s@s hunter2';
                    GRANT USAGE ON SCHEMA fleet TO "o@p";
                    GRANT SELECT ON ALL TABLES IN SCHEMA fleet TO "o@p";
                    """);
        }
    }

    @AfterAll
    static void close() {
        if (server != null) {
            server.close();
        }
    }

    private static String url(String credentials) {
        return "postgres://" + credentials + "@127.0.0.1:" + server.port() + "/" + database.name();
    }

    @Test
    void options_comeFromTheEnvironment() {
        try (ForkedJvm process = ForkedJvm.builder(Operator.class)
                .environment("TELEMETRY_DATABASE_URL", url("o%40p"))
                .environment("TELEMETRY_DATABASE_PASSWORD", "p/a:s@s hunter2")
                .environment("TELEMETRY_SCHEMA", "fleet")
                .arguments("gaps")
                .start()) {
            assertThat(process.awaitExit(LIMIT)).isZero();
            assertThat(process.errors()).isEmpty();
            assertThat(process.output()).containsExactly("Gaps", "  none");
        }
    }

    /** The clients' logs during the failing attempts are not printed. */
    @Test
    void failure_isOneLineAndAnExitCode() {
        try (ForkedJvm process = ForkedJvm.builder(Operator.class)
                .environment("TELEMETRY_DATABASE_URL", url("o%40p"))
                .environment("TELEMETRY_BOOTSTRAP_SERVER", "localhost:1")
                .arguments("offsets", "reset", "--topic", "t", "--group", "g", "--to-latest")
                .arguments("--client-property", "request.timeout.ms=300")
                .arguments("--client-property", "default.api.timeout.ms=300")
                .start()) {
            assertThat(process.awaitExit(LIMIT)).isEqualTo(ExitCodes.UNAVAILABLE);
            assertThat(process.output()).isEmpty();
            assertThat(process.errors())
                    .singleElement()
                    .asString()
                    .startsWith("operator offsets reset: Cannot describe topic t at localhost:1: no answer in time");
        }
    }

    @Test
    void password_mayBeInTheUrl() {
        OperatorRun.of("gaps", "--schema", "fleet", "--database-url", url("o%40p:p%2Fa:s@s%20hunter2"))
                .answer();
    }

    @Test
    void wrongPassword_isNotPrinted() {
        OperatorRun.of("gaps", "--schema", "fleet", "--database-url", url("o%40p:hunter2"))
                .assertRefused(ExitCodes.UNAVAILABLE, "password authentication failed for user \"o@p\"");
        OperatorRun.of("gaps", "--schema", "fleet", "--database-url", url("o%40p"))
                .assertRefused(ExitCodes.UNAVAILABLE, "no password was provided");
    }
}
