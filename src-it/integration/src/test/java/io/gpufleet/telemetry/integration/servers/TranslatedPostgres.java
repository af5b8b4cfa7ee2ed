package io.gpufleet.telemetry.integration.servers;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gpufleet.telemetry.testkit.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.UnaryOperator;

/**
 * A PostgreSQL with German messages. The test kit's speaks English only; Debian's has other languages, if the locale
 * was created ({@code localedef -i de_DE -f UTF-8 de_DE.UTF-8}).
 */
public final class TranslatedPostgres {
    private static final Path PROGRAMS =
            Path.of(System.getProperty("telemetry.translatedPostgres", "/usr/lib/postgresql/15"));
    private static final String LOCALE = "de_DE.UTF-8";

    private TranslatedPostgres() {}

    /** Starts a server, which keeps its language over restarts; without such a PostgreSQL, the test is skipped. */
    public static PostgresServer start(UnaryOperator<PostgresServer.Builder> settings) {
        assumeTrue(
                Files.isExecutable(PROGRAMS.resolve("bin/initdb")),
                "no PostgreSQL with translations is there: -Dtelemetry.translatedPostgres=<its directory>, or Debian's"
                        + " package postgresql-15");
        PostgresServer server =
                settings.apply(PostgresServer.builder().binaries(PROGRAMS)).start();
        try {
            execute(server, "ALTER SYSTEM SET lc_messages = '" + LOCALE + "'");
        } catch (SQLException e) {
            server.close();
            assumeTrue(false, "the locale " + LOCALE + " is missing: localedef -i de_DE -f UTF-8 " + LOCALE);
        }
        server.stop();
        server.start();
        assertThatThrownBy(() -> execute(server, "SELECT * FROM gibt_es_nicht"))
                .hasMessageContaining("existiert nicht");
        return server;
    }

    private static void execute(PostgresServer server, String sql) throws SQLException {
        try (Connection connection = server.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
