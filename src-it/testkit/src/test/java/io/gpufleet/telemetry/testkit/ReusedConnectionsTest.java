package io.gpufleet.telemetry.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ReusedConnectionsTest {
    private static final String PID = "SELECT pg_backend_pid()";

    private static PostgresServer server;

    @BeforeAll
    static void start() {
        server = PostgresServer.builder().start();
    }

    @AfterAll
    static void close() {
        server.close();
    }

    @Test
    void closedConnection_isHandedOutAgainWithoutItsSession() throws SQLException {
        String url = server.newDatabase().jdbcUrl();
        String pid;
        try (Connection first = ReusedConnections.open(url);
                Statement statement = first.createStatement()) {
            pid = query(first, PID);
            first.setAutoCommit(false);
            statement.execute("CREATE TEMPORARY TABLE left_behind ()");
            statement.execute("SET SESSION work_mem = '1MB'");
            first.commit();
            first.setReadOnly(true);
            first.setNetworkTimeout(Runnable::run, 1234);
            first.setAutoCommit(true);
            statement.execute("BEGIN READ WRITE");
            statement.execute("CREATE TABLE rolled_back ()");
            statement.execute("SET LOCAL work_mem = '2MB'");
        }
        try (Connection second = ReusedConnections.source(url).getConnection()) {
            assertThat(query(second, PID)).isEqualTo(pid);
            assertThat(second.getAutoCommit()).isTrue();
            assertThat(second.isReadOnly()).isFalse();
            assertThat(second.getNetworkTimeout()).isZero();
            assertThat(query(second, "SHOW application_name")).isEqualTo("PostgreSQL JDBC Driver");
            assertThat(query(second, "SHOW work_mem")).isEqualTo("4MB");
            assertThat(query(second, "SELECT count(*) FROM pg_class WHERE relname IN ('left_behind', 'rolled_back')"))
                    .isEqualTo("0");
        }
    }

    @Test
    void connections_openAtTheSameTimeAreTwo() throws SQLException {
        String url = server.newDatabase().jdbcUrl();
        try (Connection one = ReusedConnections.open(url);
                Connection other = ReusedConnections.open(url)) {
            assertThat(query(one, PID)).isNotEqualTo(query(other, PID));
        }
    }

    @Test
    void connection_whoseSessionIsGoneIsNotHandedOut() throws SQLException {
        PostgresDatabase database = server.newDatabase();
        String pid = pidOf(database);
        try (Connection other = database.dataSource().getConnection()) {
            query(other, "SELECT pg_terminate_backend(" + pid + ", 10000)");
        }
        assertThat(pidOf(database)).isNotEqualTo(pid);
        server.stop();
        assertThatThrownBy(() -> pidOf(database)).isInstanceOf(SQLException.class);
        server.start();
        assertThat(pidOf(database)).isNotEmpty();
    }

    /** Others would wait for its locks, and a template that it is in could not be copied. */
    @Test
    void idleConnection_isInNoTransactionAndNoHindrance() throws SQLException {
        PostgresDatabase database = server.newDatabase();
        try (Connection first = ReusedConnections.open(database.jdbcUrl());
                Statement statement = first.createStatement()) {
            statement.execute("BEGIN");
            statement.execute("CREATE TABLE locked ()");
        }
        try (Connection other = database.dataSource().getConnection()) {
            assertThat(query(other, "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"))
                    .isEqualTo("0");
        }
        assertThat(pidOf(server.newDatabase(database))).isNotEmpty();
    }

    @Test
    void idleConnections_areEight() throws SQLException {
        String url = server.newDatabase().jdbcUrl();

        Set<String> before = pidsOfTen(url);
        Set<String> again = pidsOfTen(url);

        again.retainAll(before);
        assertThat(again).hasSize(8);
    }

    /** Opens ten connections at once, and closes them all. */
    private static Set<String> pidsOfTen(String url) throws SQLException {
        List<Connection> open = new ArrayList<>();
        Set<String> pids = new HashSet<>();
        for (int i = 0; i < 10; i++) {
            open.add(ReusedConnections.open(url));
            pids.add(query(open.get(i), PID));
        }
        for (Connection connection : open) {
            connection.close();
        }
        return pids;
    }

    private static String pidOf(PostgresDatabase database) throws SQLException {
        try (Connection connection = ReusedConnections.open(database.jdbcUrl())) {
            return query(connection, PID);
        }
    }

    private static String query(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
