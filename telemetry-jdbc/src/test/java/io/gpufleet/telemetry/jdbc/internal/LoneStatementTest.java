package io.gpufleet.telemetry.jdbc.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.jdbc.Pools;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A statement outside transactions, on the only connection of a pool. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class LoneStatementTest {
    private static final String LIMITS =
            "SELECT current_setting('lock_timeout') || ' ' || current_setting('statement_timeout')";

    @Parameter
    PostgresVersion version;

    private HikariDataSource pool;
    private Transactions transactions;

    @BeforeEach
    void open() {
        pool = Pools.of(version.database(), 1);
        transactions = new Transactions(pool, TransactionTimeouts.DEFAULT);
    }

    @AfterEach
    void close() {
        pool.close();
    }

    private String limits() throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(LIMITS)) {
            row.next();
            return row.getString(1);
        }
    }

    @Test
    void run_restoresTheSettingsOfTheSession() throws SQLException {
        String before = limits();
        transactions.runAlone("the day", "VACUUM");
        assertThat(limits()).isEqualTo(before);
        assertThatThrownBy(() -> transactions.runAlone("the day", "VACUUM missing"))
                .isInstanceOf(SinkException.class)
                .hasMessageContaining("relation \"missing\" does not exist");
        assertThat(limits()).isEqualTo(before);
    }

    /** The restoration of the settings fails, too, and must not hide the reason. */
    @Test
    void run_inASessionThatTheAdministratorEndsTellsThat() throws SQLException {
        SinkException failure = catchThrowableOfType(
                SinkException.class,
                () -> transactions.runAlone("the day", "SELECT pg_terminate_backend(pg_backend_pid())"));
        assertThat(failure)
                .hasMessageContaining("the day: terminating connection due to administrator command (SQLSTATE 57P01)");
        assertThat(failure.kind()).isEqualTo(SinkException.Kind.TRANSIENT);
        assertThat(limits()).as("on a new session").isNotEmpty();
    }
}
