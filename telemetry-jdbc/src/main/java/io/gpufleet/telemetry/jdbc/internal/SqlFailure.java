package io.gpufleet.telemetry.jdbc.internal;

import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SinkException.Kind;
import io.gpufleet.telemetry.internal.HostFault;
import java.security.GeneralSecurityException;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientConnectionException;
import java.sql.SQLTransientException;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * The classification of database failures: the only place that reads SQLSTATEs (PostgreSQL's manual, appendix A).
 *
 * <p>Only the primary text of the server's message is passed on, since the detail may quote rows.
 */
public final class SqlFailure {
    private static final String READ_ONLY = "25006";
    private static final String PROTOCOL_VIOLATION = "08P01";
    private static final String CONNECTION_REJECTED = "08004";
    private static final String CONNECTION_FAILURE = "08006";
    private static final String FEATURE_NOT_SUPPORTED = "0A000";
    private static final String CHECK_VIOLATION = "23514";
    private static final String FAILED_TRANSACTION = "25P02";
    private static final String NO_RIGHT = "42501";
    private static final String CANCELLED = "57014";
    private static final Pattern DENIED = Pattern.compile("permission denied for (schema|table|view) (.+)");
    private static final String LIMIT_EXCEEDED = "54000";

    /**
     * Functions of the server that fail: these names are the same in every language and in all versions from 14 to 18.
     */
    private static final String BIND = "exec_bind_message";

    private static final String FIND_PARTITION = "ExecFindPartition";
    private static final String REVALIDATE_PLAN = "RevalidateCachedQuery";

    /** Functions that fail until a VACUUM; any other exceeded limit concerns a row, or a batch that can be halved. */
    private static final String NEW_TRANSACTION = "GetNewTransactionId";

    private static final String NEW_MULTIXACT = "GetNewMultiXactId";

    /** The function of the driver that compares the name in a certificate with the host's. */
    private static final String VERIFY_HOST = "verifyPeerName";

    private static final Set<String> TRANSIENT_CLASSES = Set.of("08", "53", "58");
    private static final Set<String> TRANSIENT =
            Set.of("25P03", "25P04", "40001", "40003", "40P01", "55P03", "57P01", "57P02", "57P03", "57P05", READ_ONLY);
    private static final Set<String> LOCKED = Set.of("55P03", "40P01");
    /** The states of a missing table and a missing function. */
    private static final Set<String> ABSENT = Set.of("42P01", "42883");

    private static final Set<String> OUT_OF_RANGE = Set.of("22003");

    private static final Set<String> PERHAPS_TOO_LARGE = Set.of(CANCELLED, "53200");
    private static final Set<String> LOST_STATEMENT = Set.of("26000", "42P05");
    private static final Set<String> DATA_CLASSES = Set.of("22", "23");

    /** The classes for a login, a database, a schema or a statement: wrong for every row. */
    private static final Set<String> FATAL_CLASSES = Set.of("28", "3D", "3F", "42", "57");

    private SqlFailure() {}

    /**
     * Converts a failure into an exception for the consumer.
     *
     * @param what the subject of the work
     * @param blamesRecords whether a refused value is a record's own fault
     * @param failure the failure
     */
    public static SinkException toSinkException(String what, boolean blamesRecords, SQLException failure) {
        return toSinkException(what, blamesRecords, failure, Optional.empty());
    }

    /**
     * Converts a failure like the other method; the role that was connected is known, so the message can name its
     * missing right.
     */
    public static SinkException toSinkException(
            String what, boolean blamesRecords, SQLException failure, Optional<String> role) {
        SQLException telling = telling(failure);
        Kind kind = kind(telling);
        boolean blames = kind == Kind.DATA || kind == Kind.FATAL_PERHAPS_DATA;
        return exception(blames && !blamesRecords ? Kind.FATAL : kind, what, failure, role);
    }

    /**
     * Converts the failure to get a connection into an exception for the consumer. A pool without a free connection
     * throws in its own way, without an SQLSTATE and not always an SQLException; a failure of the database or the
     * driver has an SQLSTATE.
     *
     * @param what the subject of the work
     * @param isClosed whether the pool is known to be closed
     * @param failure the failure
     */
    static SinkException noConnection(String what, boolean isClosed, Exception failure) {
        SQLException known = behind(failure).orElseGet(() -> new SQLException(HostFault.describe(failure), failure));
        SQLException telling = telling(known);
        boolean isOfThePool = !hasState(telling) && !isDistrust(telling);
        return isOfThePool
                ? exception(isClosed ? Kind.FATAL : Kind.TRANSIENT, what, known)
                : toSinkException(what, false, known);
    }

    /** Returns whether a failure has an SQLSTATE; some pools leave it blank. */
    private static boolean hasState(SQLException failure) {
        return failure.getSQLState() != null && !failure.getSQLState().isBlank();
    }

    private static SinkException exception(Kind kind, String what, SQLException failure) {
        return exception(kind, what, failure, Optional.empty());
    }

    private static SinkException exception(Kind kind, String what, SQLException failure, Optional<String> role) {
        SQLException telling = telling(failure);
        return new SinkException(kind, what + ": " + words(telling) + advice(telling, role), withoutDetail(failure));
    }

    /** Returns whether a role lacks a right. */
    public static boolean isMissingRight(Throwable failure) {
        return behind(failure)
                .map(SqlFailure::telling)
                .map(SQLException::getSQLState)
                .filter(NO_RIGHT::equals)
                .isPresent();
    }

    /** Returns the failure of the database behind an exception of a library on top of JDBC. */
    public static Optional<SQLException> behind(Throwable thrown) {
        Throwable cause = thrown;
        while (cause != null && !(cause instanceof SQLException)) {
            cause = cause.getCause();
        }
        return Optional.ofNullable((SQLException) cause);
    }

    /** Returns whether a statement was cancelled, by its time limit or by an operator. */
    public static boolean isCancelled(Throwable thrown) {
        return behind(thrown)
                .map(SqlFailure::telling)
                .map(SQLException::getSQLState)
                .filter(CANCELLED::equals)
                .isPresent();
    }

    /** Returns whether the only cause is a lock that another session holds. */
    public static boolean isLockedOut(Throwable thrown) {
        return behind(thrown)
                .map(SqlFailure::telling)
                .map(SQLException::getSQLState)
                .filter(LOCKED::contains)
                .isPresent();
    }

    /** Returns whether a statement names a table or a function that does not exist. */
    public static boolean isOfAnAbsentObject(Throwable thrown) {
        return isIn(ABSENT, thrown);
    }

    /** Returns whether the result of a computation is larger, or nearer to 0, than its type can hold. */
    public static boolean isOutOfRange(Throwable thrown) {
        return isIn(OUT_OF_RANGE, thrown);
    }

    private static boolean isIn(Set<String> states, Throwable thrown) {
        return behind(thrown)
                .map(SqlFailure::telling)
                .map(SQLException::getSQLState)
                .filter(states::contains)
                .isPresent();
    }

    /**
     * Returns whether the connection must not be used again: its server is read-only since a failover, or it keeps
     * plans of tables that have changed.
     */
    static boolean spoilsConnection(Throwable thrown) {
        return behind(thrown)
                .map(SqlFailure::telling)
                .filter(failure -> READ_ONLY.equals(failure.getSQLState()) || isStalePlan(failure))
                .isPresent();
    }

    /**
     * Returns the first failure of the chain that has an SQLSTATE and is not the consequence of another. A batch's own
     * exception quotes the statement with its values, so its next exception is taken instead.
     */
    private static SQLException telling(SQLException failure) {
        SQLException next = failure.getNextException();
        if (failure instanceof BatchUpdateException && next != null) {
            return telling(next);
        }
        SQLException found = null;
        for (Throwable cause : failure) {
            if (cause instanceof SQLException candidate
                    && hasState(candidate)
                    && (found == null || FAILED_TRANSACTION.equals(found.getSQLState()))) {
                found = candidate;
            }
        }
        return found == null ? failure : found;
    }

    private static Kind kind(SQLException failure) {
        if (isDistrust(failure)) {
            return Kind.FATAL;
        }
        String state = failure.getSQLState();
        if (!hasState(failure) || state.length() < 2) {
            return isTransientClass(failure) ? Kind.TRANSIENT : Kind.FATAL;
        }
        String group = state.substring(0, 2);
        if (PERHAPS_TOO_LARGE.contains(state)) {
            return Kind.TRANSIENT_PERHAPS_TOO_LARGE;
        }
        if (isTransient(failure, state, group)) {
            return isLostStatement(failure) ? Kind.FATAL : Kind.TRANSIENT;
        }
        if (isData(failure, state, group)) {
            return Kind.DATA;
        }
        boolean concernsAll = FATAL_CLASSES.contains(group) && !state.equals(NO_RIGHT);
        return concernsAll || isLostStatement(failure) ? Kind.FATAL : Kind.FATAL_PERHAPS_DATA;
    }

    private static boolean isTransient(SQLException failure, String state, String group) {
        return TRANSIENT.contains(state)
                || TRANSIENT_CLASSES.contains(group)
                || isStalePlan(failure)
                || (LIMIT_EXCEEDED.equals(state) && (isOf(NEW_TRANSACTION, failure) || isOf(NEW_MULTIXACT, failure)));
    }

    /**
     * Returns whether the driver itself refused the server: because of an untrusted certificate, a certificate of
     * another host, missing TLS, or a missing password. The driver gives these the SQLSTATEs of a broken connection.
     */
    private static boolean isDistrust(SQLException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof GeneralSecurityException || isOtherHost(cause) || isRefusedByTheDriver(cause)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Returns whether the certificate is that of another host. The driver has neither a code nor a class for this, and
     * its message depends on the language.
     */
    private static boolean isOtherHost(Throwable cause) {
        StackTraceElement[] places = cause.getStackTrace();
        return cause instanceof PSQLException driver
                && driver.getServerErrorMessage() == null
                && CONNECTION_FAILURE.equals(driver.getSQLState())
                && places.length > 0
                && places[0].getMethodName().equals(VERIFY_HOST);
    }

    private static boolean isRefusedByTheDriver(Throwable cause) {
        return cause instanceof PSQLException driver
                && driver.getServerErrorMessage() == null
                && CONNECTION_REJECTED.equals(driver.getSQLState());
    }

    private static boolean isTransientClass(SQLException failure) {
        return failure instanceof SQLTransientException
                || failure instanceof SQLRecoverableException
                || failure instanceof SQLTimeoutException;
    }

    /**
     * Returns whether the session does not know a prepared statement, or knows another one by its name, since the
     * statement was prepared in another session.
     */
    private static boolean isLostStatement(SQLException failure) {
        String state = failure.getSQLState();
        return LOST_STATEMENT.contains(state) || (PROTOCOL_VIOLATION.equals(state) && isOf(BIND, failure));
    }

    private static boolean isStalePlan(SQLException failure) {
        return failure instanceof StalePlan
                || (FEATURE_NOT_SUPPORTED.equals(failure.getSQLState()) && isOf(REVALIDATE_PLAN, failure));
    }

    private static boolean isData(SQLException failure, String state, String group) {
        boolean lacksPartition = CHECK_VIOLATION.equals(state) && isOf(FIND_PARTITION, failure);
        return (DATA_CLASSES.contains(group) || state.equals("21000")) && !lacksPartition;
    }

    /** Returns whether the failure comes from a certain function of the server. */
    private static boolean isOf(String routine, SQLException failure) {
        ServerErrorMessage message =
                failure instanceof PSQLException fromServer ? fromServer.getServerErrorMessage() : null;
        return message != null && routine.equals(message.getRoutine());
    }

    private static String words(SQLException failure) {
        if (failure instanceof PSQLException fromServer) {
            ServerErrorMessage message = fromServer.getServerErrorMessage();
            if (message != null && message.getMessage() != null) {
                return message.getMessage();
            }
        }
        String own = String.valueOf(failure.getMessage());
        // A pool without a connection has the database's failure as its cause.
        return failure instanceof SQLTransientConnectionException && failure.getCause() instanceof SQLException reason
                ? own + ": " + words(reason)
                : own;
    }

    private static String advice(SQLException failure, Optional<String> role) {
        String state = failure.getSQLState();
        if (!hasState(failure)) {
            return "";
        }
        String code = " (SQLSTATE " + state + ")";
        if (isLostStatement(failure)) {
            return code + "; a pooler that shares sessions needs prepareThreshold=0 in the JDBC URL";
        }
        return code
                + switch (state) {
                    case "42P01", "3F000" -> "; install the tables with TelemetrySchema, or name their schema";
                    case "55000" ->
                        "; a table in a publication needs a primary key or another replica identity for"
                                + " updates and deletes: ALTER TABLE … REPLICA IDENTITY …";
                    case NO_RIGHT ->
                        missingRight(
                                words(failure), role.map(SqlFailure::quoted).orElse("the connected role"));
                    default -> "";
                };
    }

    /** Returns a name as SQL reads it. */
    private static String quoted(String name) {
        return name.matches("[a-z_][a-z0-9_]*") ? name : '"' + name.replace("\"", "\"\"") + '"';
    }

    private static String missingRight(String words, String role) {
        Matcher denied = DENIED.matcher(words);
        if (!denied.matches()) {
            return "; only a member of the table's owner can create or drop days";
        }
        String name = quoted(denied.group(2));
        return "; the owner runs: GRANT "
                + (denied.group(1).equals("schema")
                        ? "USAGE ON SCHEMA " + name + " TO " + role + "; the creation of days needs CREATE on it, too"
                        : "SELECT, INSERT, UPDATE, DELETE ON " + name + " TO " + role);
    }

    /** Returns the same failure without the server's detail. */
    private static SQLException withoutDetail(SQLException failure) {
        SQLException telling = telling(failure);
        SQLException copy = isStalePlan(telling) ? new StalePlan(telling) : copy(telling);
        copy.setStackTrace(failure.getStackTrace());
        return copy;
    }

    private static SQLException copy(SQLException telling) {
        return new SQLException(words(telling), telling.getSQLState(), telling.getErrorCode());
    }

    /** The copy of a failure by a stale plan: its SQLSTATE has other meanings too, so its type identifies it. */
    private static final class StalePlan extends SQLException {
        private static final long serialVersionUID = 1L;

        private StalePlan(SQLException telling) {
            super(words(telling), telling.getSQLState(), telling.getErrorCode());
        }
    }
}
