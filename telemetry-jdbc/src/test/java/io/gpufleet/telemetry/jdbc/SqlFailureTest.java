package io.gpufleet.telemetry.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SinkException.Kind;
import java.security.cert.CertificateException;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;

final class SqlFailureTest {
    @ParameterizedTest
    @CsvSource({
        "08000, TRANSIENT",
        "08006, TRANSIENT",
        "08P01, TRANSIENT",
        "25P03, TRANSIENT",
        "25P04, TRANSIENT",
        "40001, TRANSIENT",
        "40003, TRANSIENT",
        "40P01, TRANSIENT",
        "53000, TRANSIENT",
        "53300, TRANSIENT",
        "55P03, TRANSIENT",
        "57P01, TRANSIENT",
        "57P02, TRANSIENT",
        "57P03, TRANSIENT",
        "57P05, TRANSIENT",
        "58030, TRANSIENT",
        "25006, TRANSIENT",
        "57014, TRANSIENT_PERHAPS_TOO_LARGE",
        "53200, TRANSIENT_PERHAPS_TOO_LARGE",
        "54000, TRANSIENT_PERHAPS_TOO_LARGE",
        "54001, TRANSIENT_PERHAPS_TOO_LARGE",
        "22003, DATA",
        "22021, DATA",
        "23502, DATA",
        "23505, DATA",
        "23514, DATA",
        "21000, DATA",
        "57P04, FATAL",
        "28P01, FATAL",
        "3D000, FATAL",
        "42P01, FATAL",
        "42P05, FATAL",
        "42501, FATAL",
        "40002, FATAL",
        "25P02, FATAL",
        "0A000, FATAL",
        "XX000, FATAL",
        "26000, FATAL"
    })
    void kind_followsTheState(String state, Kind kind) {
        assertThat(kindOf(new SQLException("words", state))).isEqualTo(kind);
        assertThat(kindOf(new SQLTransientConnectionException("words", state))).isEqualTo(kind);
    }

    @ParameterizedTest
    @CsvSource({"22003", "23514", "21000"})
    void kind_ofAValueThatIsNoRecordsFaultIsFatal(String state) {
        SQLException failure = new SQLException("words", state);
        assertThat(SqlFailure.toSinkException("table", false, failure).kind()).isEqualTo(Kind.FATAL);
    }

    @Test
    void kind_withoutAStateFollowsTheClass() {
        assertThat(kindOf(new SQLTransientConnectionException("pool - Connection is not available")))
                .isEqualTo(Kind.TRANSIENT);
        assertThat(kindOf(new SQLRecoverableException("words"))).isEqualTo(Kind.TRANSIENT);
        assertThat(kindOf(new SQLTimeoutException("words"))).isEqualTo(Kind.TRANSIENT);
        assertThat(kindOf(new SQLException("words"))).isEqualTo(Kind.FATAL);
    }

    @Test
    void kind_ofAMissingPartitionIsNotTheRecordsFault() {
        assertThat(kindOf(new SQLException("no partition of relation \"heartbeat\" found for row", "23514")))
                .isEqualTo(Kind.FATAL);
    }

    @Test
    void kind_ofAStalePlanIsTransientAndSpoilsTheConnection() {
        SQLException failure = new SQLException("ERROR: cached plan must not change result type", "0A000");
        SinkException thrown = SqlFailure.toSinkException("table", true, failure);
        assertThat(thrown.kind()).isEqualTo(Kind.TRANSIENT);
        assertThat(SqlFailure.spoilsConnection(thrown)).isTrue();
        assertThat(SqlFailure.spoilsConnection(
                        SqlFailure.toSinkException("table", true, new SQLException("words", "40001"))))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "26000, prepared statement \"S_1\" does not exist",
        "42P05, prepared statement \"S_1\" already exists",
        "08P01, 'bind message supplies 3 parameters, but prepared statement \"S_1\" requires 0'"
    })
    void kind_ofAStatementOfAnotherSessionIsFatalAndSaysWhatToDo(String state, String words) {
        assertThat(SqlFailure.toSinkException("table", true, new SQLException(words, state)))
                .hasMessage("table: " + words + " (SQLSTATE " + state
                        + "); a pooler that shares sessions needs prepareThreshold=0 in the JDBC URL")
                .extracting(SinkException::kind)
                .isEqualTo(Kind.FATAL);
    }

    @Test
    void message_ofAPoolWithoutConnectionsHasTheReason() {
        SQLException reason = new SQLException("unsupported startup parameter: search_path", "08P01");
        SQLException pool = new SQLTransientConnectionException("pool - Connection is not available", "08P01", reason);
        assertThat(SqlFailure.toSinkException("catalogue", false, pool))
                .hasMessage("catalogue: pool - Connection is not available: "
                        + "unsupported startup parameter: search_path (SQLSTATE 08P01)");
    }

    @Test
    void kind_ofAServerThatTheDriverDoesNotTrustIsFatal() {
        PSQLException authority = new PSQLException(
                "SSL error: PKIX path", PSQLState.CONNECTION_FAILURE, new CertificateException("PKIX"));
        PSQLException host = new PSQLException(
                "Der Hostname 10.0.0.1 konnte nicht durch PgjdbcHostnameVerifier überprüft werden",
                PSQLState.CONNECTION_FAILURE);
        PSQLException withoutTls = new PSQLException("The server does not support SSL.", PSQLState.CONNECTION_REJECTED);
        for (SQLException failure : List.of(authority, host, withoutTls)) {
            assertThat(kindOf(failure)).isEqualTo(Kind.FATAL);
            assertThat(kindOf(new SQLTransientConnectionException("pool", failure.getSQLState(), failure)))
                    .isEqualTo(Kind.FATAL);
        }
    }

    @Test
    void kind_ofAConnectionThatBreaksInTheHandshakeIsTransient() {
        SSLHandshakeException broken = new SSLHandshakeException("Remote host terminated the handshake");
        assertThat(kindOf(new PSQLException("SSL error", PSQLState.CONNECTION_FAILURE, broken)))
                .isEqualTo(Kind.TRANSIENT);
        assertThat(kindOf(new SQLException("rejected by the server", "08004"))).isEqualTo(Kind.TRANSIENT);
    }

    @Test
    void kind_looksThroughBatches() {
        BatchUpdateException batch = new BatchUpdateException();
        batch.setNextException(new SQLException("deadlock", "40P01"));
        assertThat(kindOf(batch)).isEqualTo(Kind.TRANSIENT);
        BatchUpdateException quoting = new BatchUpdateException("INSERT … ('secret')", "40P01", new int[0]);
        quoting.setNextException(new SQLException("deadlock", "40P01"));
        assertThat(SqlFailure.toSinkException("table", true, quoting)).hasMessage("table: deadlock (SQLSTATE 40P01)");
    }

    @Test
    void message_hasTheServersWordsWithoutTheDetail() {
        String fields = "SERROR\0C23505\0Mduplicate key value violates unique constraint \"k\"\0"
                + "DKey (name)=(secret) already exists.\0\0";
        PSQLException failure = new PSQLException(new ServerErrorMessage(fields));
        SinkException thrown = SqlFailure.toSinkException("table \"t\"", true, failure);
        assertThat(failure.getMessage()).contains("secret");
        assertThat(thrown)
                .hasMessage("table \"t\": duplicate key value violates unique constraint \"k\" (SQLSTATE 23505)")
                .hasStackTraceContaining("SqlFailureTest");
        assertThat(thrown.getCause()).hasMessageNotContaining("secret").hasNoCause();
    }

    private static Kind kindOf(SQLException failure) {
        return SqlFailure.toSinkException("table", true, failure).kind();
    }
}
