package io.gpufleet.telemetry.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

class PostgresServerTest {
    private static final Path POSTGRES_14 = Path.of("target", "postgres-14");

    private PostgresServer server;

    @AfterEach
    void close() {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void newDatabase_fromATemplateHasItsRows() throws SQLException {
        try (PostgresServer server = PostgresServer.builder().start()) {
            PostgresDatabase template = server.newDatabase();
            Sql.execute(template.dataSource(), "CREATE TABLE copied AS SELECT 7 AS seven");

            PostgresDatabase copy = server.newDatabase(template);

            assertThat(Sql.query(copy.dataSource(), "SELECT seven FROM copied")).isEqualTo("7");
            try (Connection open = template.dataSource().getConnection()) {
                assertThatThrownBy(() -> server.newDatabase(template))
                        .isInstanceOf(IllegalStateException.class)
                        .hasRootCauseMessage(
                                "ERROR: source database \"" + template.name()
                                        + "\" is being accessed by other users\n  Detail: There is 1 other session using the database.");
                assertThat(open.isValid(10)).isTrue();
            }
            try (Connection open = copy.dataSource().getConnection()) {
                server.drop(copy);
                assertThat(open.isValid(10)).isFalse();
            }
            assertThatThrownBy(() -> server.drop(copy)).hasMessageContaining("DROP DATABASE " + copy.name());
            try (PostgresServer other = PostgresServer.builder().start()) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> other.newDatabase(template))
                        .withMessage("template: " + template + " is not a database of " + other);
                assertThatIllegalArgumentException().isThrownBy(() -> other.drop(template));
            }
        }
    }

    @Test
    void start_runsTheVersionOnTheClassPath() throws SQLException {
        server = PostgresServer.builder().start();

        assertThat(Sql.query(server.dataSource(), "SHOW server_version")).startsWith("18.");
        assertThat(setting("fsync")).isEqualTo("off");
        assertThat(setting("synchronous_commit")).isEqualTo("off");
    }

    @Test
    void binaries_runAnotherVersion() throws SQLException {
        server = PostgresServer.builder().binaries(POSTGRES_14).start();

        assertThat(Sql.query(server.dataSource(), "SHOW server_version")).startsWith("14.");
        assertThat(Sql.query(server.newDatabase().dataSource(), "SELECT current_database()"))
                .isEqualTo("test_1");
    }

    @Test
    void binaries_namesWhatIsMissing() {
        PostgresServer.Builder builder = PostgresServer.builder().binaries(Path.of("src"));

        assertThatThrownBy(builder::start)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("postgres-")
                .hasMessageContaining("src");
    }

    @Test
    void durable_turnsOnWhatACrashNeeds() throws SQLException {
        server = PostgresServer.builder()
                .durable()
                .setting("max_connections", "20")
                .start();

        assertThat(setting("fsync")).isEqualTo("on");
        assertThat(setting("full_page_writes")).isEqualTo("on");
        assertThat(setting("synchronous_commit")).isEqualTo("on");
        assertThat(setting("max_connections")).isEqualTo("20");
    }

    @Test
    void start_saysWhyTheServerDoesNotStart() {
        PostgresServer.Builder builder = PostgresServer.builder().setting("max_connections", "many");

        assertThatThrownBy(builder::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("max_connections");
    }

    @Test
    void restart_keepsDataAndAddress() throws SQLException {
        server = PostgresServer.builder().start();
        DataSource database = server.newDatabase().dataSource();
        Sql.execute(database, "CREATE TABLE machine AS SELECT 1 AS id");

        server.stop();
        assertThat(server.isRunning()).isFalse();
        server.start();

        assertThat(count(database)).isEqualTo("1");
        assertThatThrownBy(server::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("running");
    }

    @Test
    void kill_losesNoDurableCommit() throws SQLException {
        server = PostgresServer.builder().durable().start();
        DataSource database = server.dataSource();
        Sql.execute(database, "CREATE TABLE machine AS SELECT 1 AS id");

        server.kill();
        assertThatThrownBy(() -> count(database)).isInstanceOf(SQLException.class);
        server.start();

        assertThat(count(database)).isEqualTo("1");
    }

    @Test
    void restore_bringsBackTheEarlierData() throws SQLException {
        server = PostgresServer.builder().start();
        DataSource database = server.dataSource();
        Sql.execute(database, "CREATE TABLE machine AS SELECT 1 AS id");
        assertThatThrownBy(server::snapshot)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("stop it");
        server.stop();
        PostgresSnapshot earlier = server.snapshot();
        server.start();
        Sql.execute(database, "INSERT INTO machine VALUES (2)");

        server.stop();
        server.restore(earlier);
        server.start();

        assertThat(count(database)).isEqualTo("1");
    }

    @Test
    void suspend_stallsSessionsUntilResumed() throws SQLException {
        server = PostgresServer.builder().start();
        server.suspend();

        assertThatThrownBy(() -> Sql.query(impatient(), "SELECT 1")).isInstanceOf(SQLException.class);
        server.resume();

        assertThat(Sql.query(server.dataSource(), "SELECT 1")).isEqualTo("1");
    }

    @Test
    void suspendedServer_isClosed() {
        server = PostgresServer.builder().start();
        server.suspend();

        server.close();

        assertThat(server.isRunning()).isFalse();
        assertThatThrownBy(server::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    private DataSource impatient() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(server.jdbcUrl() + "&connectTimeout=1&loginTimeout=1&socketTimeout=1");
        return source;
    }

    private String setting(String name) throws SQLException {
        return Sql.query(server.dataSource(), "SHOW " + name);
    }

    private static String count(DataSource database) throws SQLException {
        return Sql.query(database, "SELECT count(*) FROM machine");
    }
}
