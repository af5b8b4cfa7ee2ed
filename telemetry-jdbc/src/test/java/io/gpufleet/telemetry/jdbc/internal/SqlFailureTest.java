package io.gpufleet.telemetry.jdbc.internal;

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
    private static final String WORDS = "Worte in einer anderen Sprache";

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
        "3F000, FATAL",
        "42703, FATAL",
        "26000, FATAL",
        "42501, FATAL_PERHAPS_DATA",
        "40002, FATAL_PERHAPS_DATA",
        "25P02, FATAL_PERHAPS_DATA",
        "0A000, FATAL_PERHAPS_DATA",
        "44000, FATAL_PERHAPS_DATA",
        "55000, FATAL_PERHAPS_DATA",
        "54000, FATAL_PERHAPS_DATA",
        "54001, FATAL_PERHAPS_DATA",
        "54023, FATAL_PERHAPS_DATA",
        "P0001, FATAL_PERHAPS_DATA",
        "ZZ001, FATAL_PERHAPS_DATA",
        "XX000, FATAL_PERHAPS_DATA"
    })
    void kind_followsTheState(String state, Kind kind) {
        assertThat(kindOf(new SQLException("words", state))).isEqualTo(kind);
        assertThat(kindOf(new SQLTransientConnectionException("words", state))).isEqualTo(kind);
    }

    @ParameterizedTest
    @CsvSource({"22003", "23514", "21000", "P0001", "42501"})
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
    void kind_ofAMissingPartitionIsNotCertainlyTheRecordsFault() {
        assertThat(kindOf(fromServer("23514", "ExecFindPartition"))).isEqualTo(Kind.FATAL_PERHAPS_DATA);
        assertThat(kindOf(fromServer("23514", "ExecConstraints"))).isEqualTo(Kind.DATA);
    }

    /** The server accepts no write before it is vacuumed. */
    @Test
    void kind_ofAServerWithoutTransactionNumbersIsTransient() {
        for (String routine : List.of("GetNewTransactionId", "GetNewMultiXactId")) {
            assertThat(kindOf(fromServer("54000", routine))).isEqualTo(Kind.TRANSIENT);
        }
    }

    @Test
    void kind_ofAStalePlanIsTransientAndSpoilsTheConnection() {
        SinkException thrown = SqlFailure.toSinkException("table", true, fromServer("0A000", "RevalidateCachedQuery"));
        assertThat(thrown.kind()).isEqualTo(Kind.TRANSIENT);
        assertThat(SqlFailure.spoilsConnection(thrown)).isTrue();
        assertThat(SqlFailure.spoilsConnection(fromServer("0A000", "RevalidateCachedQuery")))
                .isTrue();
        assertThat(SqlFailure.spoilsConnection(SqlFailure.toSinkException("table", true, fromServer("0A000", "other"))))
                .isFalse();
    }

    @Test
    void kind_ofAStatementOfAnotherSessionIsFatalAndSaysWhatToDo() {
        for (SQLException failure : List.of(
                new SQLException(WORDS, "26000"),
                new SQLException(WORDS, "42P05"),
                fromServer("08P01", "exec_bind_message"))) {
            assertThat(SqlFailure.toSinkException("table", true, failure))
                    .hasMessage("table: " + WORDS + " (SQLSTATE " + failure.getSQLState()
                            + "); a pooler that shares sessions needs prepareThreshold=0 in the JDBC URL")
                    .extracting(SinkException::kind)
                    .isEqualTo(Kind.FATAL);
        }
        assertThat(kindOf(fromServer("08P01", "SocketBackend"))).isEqualTo(Kind.TRANSIENT);
    }

    /** A failed transaction refuses every statement; the first failure is the reason. */
    @Test
    void kind_ofAFailedTransactionIsThatOfItsCause() {
        SQLException failed = new SQLException("words", "25P02", new SQLException("value too long", "22001"));
        assertThat(SqlFailure.toSinkException("table", true, failed))
                .hasMessage("table: value too long (SQLSTATE 22001)")
                .extracting(SinkException::kind)
                .isEqualTo(Kind.DATA);
    }

    @Test
    void noConnection_isTransientUnlessTheDatabaseOrTheDriverSaysWhy() {
        assertThat(noConnection(new SQLException("no idle object"))).isEqualTo(Kind.TRANSIENT);
        assertThat(noConnection(new SQLException("no idle object", new IllegalStateException("timeout"))))
                .isEqualTo(Kind.TRANSIENT);
        assertThat(noConnection(new SQLException("cannot create", new SQLException("password", "28P01"))))
                .isEqualTo(Kind.FATAL);
        SQLException second = new SQLException("cannot create");
        second.setNextException(new SQLException("no database", "3D000"));
        assertThat(noConnection(second)).isEqualTo(Kind.FATAL);
        assertThat(noConnection(new SQLException("cannot create", new SQLException("refused", "08001"))))
                .isEqualTo(Kind.TRANSIENT);
        assertThat(noConnection(new SQLException("cannot create", new CertificateException("PKIX"))))
                .isEqualTo(Kind.FATAL);
        assertThat(SqlFailure.noConnection("positions", true, new SQLException("closed"))
                        .kind())
                .isEqualTo(Kind.FATAL);
    }

    /** The state of any exception in the chain counts; a blank one does not. */
    @Test
    void noConnection_withoutAStateIsTransientWhateverItIs() {
        for (Exception failure : List.of(
                new SQLException("pool empty", ""),
                new SQLException("pool empty", "  "),
                new SQLException("pool empty", "", new SQLException("nothing free", " ")),
                new IllegalStateException("pool exhausted"),
                new IllegalStateException("pool exhausted", new SQLException("pool empty", "")))) {
            assertThat(noConnection(failure)).isEqualTo(Kind.TRANSIENT);
        }
        SQLException login = new SQLException("password", "28P01");
        assertThat(noConnection(new SQLException("pool", "", login))).isEqualTo(Kind.FATAL);
        assertThat(noConnection(new IllegalStateException("pool", login))).isEqualTo(Kind.FATAL);
        assertThat(noConnection(new IllegalStateException("pool", new SQLException("pool", login))))
                .isEqualTo(Kind.FATAL);
        assertThat(noConnection(new IllegalStateException("pool", new CertificateException("PKIX"))))
                .isEqualTo(Kind.FATAL);
    }

    private static Kind noConnection(Exception failure) {
        return SqlFailure.noConnection("positions", false, failure).kind();
    }

    /** A failure with an unknown message. */
    private static PSQLException fromServer(String state, String routine) {
        return new PSQLException(
                new ServerErrorMessage("SFEHLER\0VERROR\0C" + state + "\0M" + WORDS + "\0R" + routine + "\0\0"));
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
        PSQLException host = new PSQLException("Worte", PSQLState.CONNECTION_FAILURE);
        host.setStackTrace(new StackTraceElement[] {
            new StackTraceElement("org.postgresql.ssl.MakeSSL", "verifyPeerName", "MakeSSL.java", 110)
        });
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
        assertThat(kindOf(new PSQLException("An I/O error", PSQLState.CONNECTION_FAILURE)))
                .isEqualTo(Kind.TRANSIENT);
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
