package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.internal.HostFault;
import io.gpufleet.telemetry.internal.OwnThread;
import io.gpufleet.telemetry.jdbc.internal.SqlFailure;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * A step that runs the host's own SQL in the batch's transaction, and checks that it is still the same transaction
 * afterwards.
 */
final class HookStep<T> implements Step<T> {
    private static final String TRANSACTION = "SELECT pg_current_xact_id()::text::bigint";

    private final TransactionHook<T> hook;

    HookStep(TransactionHook<T> hook) {
        this.hook = hook;
    }

    @Override
    public String name() {
        return "the host's SQL in the transaction";
    }

    @Override
    public boolean blamesRecords() {
        return true;
    }

    /** False: the hook is given duplicates, too. */
    @Override
    public boolean isIdempotent() {
        return false;
    }

    @Override
    public List<PostgresTable<?>> tables() {
        return List.of();
    }

    /** Runs the hook. An exception of a library on top of JDBC counts as its cause. */
    @Override
    public void run(WriteContext<T> write) throws SQLException {
        long transaction = transaction(write.connection());
        boolean interrupted = Thread.currentThread().isInterrupted();
        try {
            hook.run(HookConnection.of(write.connection()), write.batch());
        } catch (TelemetryException | SQLException e) {
            throw e;
        } catch (RuntimeException e) {
            throw SqlFailure.behind(e).orElseThrow(() -> e);
        } catch (Exception e) {
            // Javac does not check this for hooks written in other languages.
            throw new SinkException(SinkException.Kind.FATAL, name() + ": " + HostFault.describe(e), e);
        } finally {
            OwnThread.forgetInterrupt(interrupted);
        }
        if (transaction(write.connection()) != transaction) {
            throw new TelemetryException(
                    name() + " has ended the transaction of the batch, by COMMIT or ROLLBACK: earlier"
                            + " writes may be committed without the rest. A hook must leave the transaction open");
        }
    }

    /** Returns the transaction's number, which it gets here if it has written nothing. */
    private static long transaction(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet number = statement.executeQuery(TRANSACTION)) {
            number.next();
            return number.getLong(1);
        }
    }
}
