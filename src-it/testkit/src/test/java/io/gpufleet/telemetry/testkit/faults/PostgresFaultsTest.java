package io.gpufleet.telemetry.testkit.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

class PostgresFaultsTest {
    /** Returns the server's last message, or the driver's if it has missed that. */
    private static final List<String> ENDED = List.of("57P01", "08006");

    private static PostgresServer server;

    private final PostgresDatabase database = server.newDatabase();
    private final PostgresFaults faults = PostgresFaults.of(database);
    private final String role = "role_of_" + database.name();
    private final PGSimpleDataSource source = new PGSimpleDataSource();

    @BeforeAll
    static void start() {
        server = PostgresServer.builder().start();
    }

    @AfterAll
    static void end() {
        server.close();
    }

    PostgresFaultsTest() throws SQLException {
        try (Connection connection = database.dataSource().getConnection()) {
            execute(connection, "CREATE ROLE " + role + " LOGIN");
            execute(connection, "CREATE TABLE readings (value int)");
            execute(connection, "GRANT ALL ON readings TO " + role);
        }
        source.setUrl(database.jdbcUrl());
        source.setUser(role);
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static void write(Connection connection) throws SQLException {
        execute(connection, "INSERT INTO readings VALUES (1)");
    }

    /** Returns the SQLSTATE of a failed write, or that of success. */
    private static String outcome(Connection connection) {
        try {
            write(connection);
            return "00000";
        } catch (SQLException e) {
            return e.getSQLState();
        }
    }

    private static void assertFails(Connection connection, String sqlState) {
        assertThatThrownBy(() -> write(connection))
                .asInstanceOf(type(SQLException.class))
                .extracting(SQLException::getSQLState)
                .isEqualTo(sqlState);
    }

    @Test
    void terminateSessions_endsThoseOfTheRole() throws SQLException {
        try (Connection connection = source.getConnection();
                Connection another = database.dataSource().getConnection()) {
            write(connection);

            faults.terminateSessions(role);

            assertThat(outcome(connection)).isIn(ENDED);
            write(another);
        }
        try (Connection connection = source.getConnection()) {
            write(connection);
        }
    }

    @Test
    void readOnly_refusesWritesUntilHealed() throws SQLException {
        try (Connection connection = source.getConnection()) {
            write(connection);
            faults.readOnly();
            Await.until("the server is read-only", Duration.ofSeconds(10), () -> outcome(connection), "25006"::equals);

            faults.heal();

            Await.until("the server is writable", Duration.ofSeconds(10), () -> {
                write(connection);
                return true;
            });
        }
    }

    @Test
    void refuseConnections_leavesNoneUntilHealed() throws SQLException {
        try (Connection connection = source.getConnection()) {
            faults.refuseConnections(role);

            assertThat(outcome(connection)).isIn(ENDED);
            assertThatThrownBy(source::getConnection)
                    .asInstanceOf(type(SQLException.class))
                    .extracting(SQLException::getSQLState)
                    .isEqualTo("53300");
        }

        faults.heal();

        try (Connection connection = source.getConnection()) {
            write(connection);
        }
    }

    @Test
    void failWrites_failsThoseOfTheTableUntilHealed() throws SQLException {
        try (Connection connection = source.getConnection()) {
            faults.failWrites("readings", "53100");
            assertFails(connection, "53100");
            faults.failWrites("readings", "40P01");
            assertFails(connection, "40P01");

            faults.heal();

            write(connection);
        }
    }

    @Test
    void failWrites_afterTheDatabaseWasPutBack() throws SQLException {
        faults.failWrites("readings", "53100");
        try (Connection connection = database.dataSource().getConnection()) {
            execute(connection, "DROP TABLE injected_errors");
            execute(connection, "DROP FUNCTION fail_if_injected CASCADE");
            faults.heal();

            faults.failWrites("readings", "53100");

            assertFails(connection, "53100");
        }
    }

    @Test
    void values_areChecked() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> faults.failWrites("readings", "00000"))
                .withMessage("sqlState: \"00000\" is not the SQLSTATE of an error");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> faults.failWrites("Readings; --", "53100"))
                .withMessageStartingWith("table: \"Readings; --\" is not a name");
        assertThatThrownBy(() -> faults.failWrites("missing", "53100"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("missing");
        faults.heal();
        assertThat(faults).hasToString("faults of " + database);
    }
}
