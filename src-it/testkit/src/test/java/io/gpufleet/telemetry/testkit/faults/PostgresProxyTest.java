package io.gpufleet.telemetry.testkit.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PostgresProxyTest {
    private static PostgresServer server;

    private final PostgresDatabase database = server.newDatabase();
    private final PostgresProxy proxy = PostgresProxy.start(server.port());

    @BeforeAll
    static void start() {
        server = PostgresServer.builder().start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void createTable() throws SQLException {
        try (Connection connection = DriverManager.getConnection(database.jdbcUrl());
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE t (n int)");
        }
    }

    @AfterEach
    void close() {
        proxy.close();
    }

    private Connection connect(String parameters) throws SQLException {
        Connection connection = DriverManager.getConnection(proxy.jdbcUrl(database) + parameters);
        connection.setAutoCommit(false);
        return connection;
    }

    private static void insert(Connection connection, int rows) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("INSERT INTO t SELECT n FROM generate_series(1, ?) AS n")) {
            statement.setInt(1, rows);
            statement.executeUpdate();
        }
    }

    private int rows() throws SQLException {
        try (Connection connection = DriverManager.getConnection(database.jdbcUrl());
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT count(*) FROM t")) {
            result.next();
            return result.getInt(1);
        }
    }

    /** The driver first asks for encryption, prepares COMMIT after several runs, or sends it as plain text. */
    @ParameterizedTest
    @ValueSource(strings = {"", "&sslmode=disable", "&prepareThreshold=0", "&preferQueryMode=simple"})
    void loseCommitReplies_losesTheReplyAfterTheCommit(String parameters) throws SQLException {
        try (Connection connection = connect(parameters)) {
            for (int i = 0; i < 10; i++) {
                insert(connection, 1);
                connection.commit();
            }
            proxy.loseCommitReplies(1);
            insert(connection, 1);

            assertThatExceptionOfType(SQLException.class)
                    .isThrownBy(connection::commit)
                    .satisfies(e -> assertThat(e.getSQLState()).startsWith("08"));
        }
        assertThat(rows()).isEqualTo(11);
        assertThat(proxy.lostCommitReplies()).isOne();
        assertThat(proxy.lostCommits()).isZero();
        assertPassesAgain(parameters, 12);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "&sslmode=disable", "&prepareThreshold=0", "&preferQueryMode=simple"})
    void loseCommits_losesTheCommitItself(String parameters) throws SQLException {
        try (Connection connection = connect(parameters)) {
            for (int i = 0; i < 10; i++) {
                insert(connection, 1);
                connection.commit();
            }
            proxy.loseCommits(1);
            insert(connection, 1);

            assertThatExceptionOfType(SQLException.class)
                    .isThrownBy(connection::commit)
                    .satisfies(e -> assertThat(e.getSQLState()).startsWith("08"));
        }
        assertThat(rows()).isEqualTo(10);
        assertThat(proxy.lostCommits()).isOne();
        assertThat(proxy.lostCommitReplies()).isZero();
        assertPassesAgain(parameters, 11);
    }

    private void assertPassesAgain(String parameters, int rows) throws SQLException {
        try (Connection connection = connect(parameters)) {
            insert(connection, 1);
            connection.commit();
        }
        assertThat(rows()).isEqualTo(rows);
    }

    /** Data or names that look like a commit do not count. */
    @Test
    void otherStatements_pass() throws SQLException {
        proxy.loseCommits(1);
        proxy.loseCommitReplies(1);
        try (Connection connection = connect("");
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT 'COMMIT'");
            statement.execute("CREATE TEMPORARY TABLE commit_ (commit_ text)");
            insert(connection, 100_000);
            connection.rollback();
        }
        assertThat(proxy.lostCommits()).isZero();
        assertThat(proxy.lostCommitReplies()).isZero();
    }

    @Test
    void commits_areCounted() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> proxy.loseCommits(-1))
                .withMessage("commits: -1 is negative");
    }
}
