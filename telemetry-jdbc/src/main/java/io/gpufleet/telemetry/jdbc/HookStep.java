package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.TelemetryException;
import java.sql.SQLException;
import java.util.List;

/** The host's own SQL. */
final class HookStep<T> implements Step<T> {
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

    @Override
    public List<PostgresTable<?>> tables() {
        return List.of();
    }

    /** Runs the hook; what a library on top of JDBC has wrapped counts as what it wraps. */
    @Override
    public void run(Write<T> write) throws SQLException {
        try {
            hook.run(HookConnection.of(write.connection()), write.batch());
        } catch (TelemetryException e) {
            throw e;
        } catch (RuntimeException e) {
            throw SqlFailure.behind(e).orElseThrow(() -> e);
        }
    }
}
