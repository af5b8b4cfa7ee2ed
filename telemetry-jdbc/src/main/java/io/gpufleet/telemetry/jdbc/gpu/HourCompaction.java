package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.jdbc.gpu.CompactionDays.Hour;
import io.gpufleet.telemetry.jdbc.gpu.CompactionTransactions.RetentionLock;
import io.gpufleet.telemetry.jdbc.internal.LockBudget;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;

/**
 * The compaction of one GPU and hour, in a transaction of its own that holds the lock of the hour. Belongs to the
 * thread of a run.
 */
final class HourCompaction {
    private static final String CREATE_LOCK =
            "INSERT INTO {rows_hour} (gpu_no, hour) VALUES (:gpu, :hour) ON CONFLICT DO NOTHING";

    private static final String LOCK =
            "SELECT failure IS NOT NULL FROM {rows_hour} WHERE gpu_no = :gpu AND hour = :hour FOR UPDATE";

    private static final String CLEAR = "UPDATE {rows_hour} SET failure = NULL WHERE gpu_no = :gpu AND hour = :hour";

    private static final String FAIL = "INSERT INTO {rows_hour} AS h (gpu_no, hour, failure)"
            + " VALUES (:gpu, :hour, :failure) ON CONFLICT (gpu_no, hour) DO UPDATE SET failure = excluded.failure"
            + " WHERE h.failure IS DISTINCT FROM excluded.failure";

    private final CompactionTransactions transactions;
    private final CompactedTable table;

    HourCompaction(CompactionTransactions transactions) {
        this.transactions = transactions;
        this.table = transactions.table();
    }

    /** Compacts an hour, and returns the number of its rows; absent if retention has dropped the day. */
    OptionalLong compact(LocalDate day, Hour hour) {
        return transactions.onDay(day, RetentionLock.SHARE, (handle, budget) -> rewrite(handle, budget, hour)).stream()
                .mapToLong(moved -> moved)
                .findFirst();
    }

    private long rewrite(Handle handle, LockBudget budget, Hour hour) throws SQLException {
        handle.execute(budget.limit());
        execute(handle, CREATE_LOCK, hour);
        boolean hasFailed = handle.createQuery(table.sql(LOCK))
                .bind("gpu", hour.gpu())
                .bind("hour", at(hour))
                .mapTo(Boolean.class)
                .one();
        long moved = table.rewrite()
                .rewrite(handle.getConnection(), hour.gpu(), ChronoUnit.MICROS.between(Instant.EPOCH, hour.start()));
        if (hasFailed) {
            execute(handle, CLEAR, hour);
        }
        return moved;
    }

    /** Returns the reason of a lock timeout, with the sessions that hold locks of hours. */
    String holders(SinkException lockedOut) {
        return new LockHolders(transactions).reason(lockedOut, List.of(table.sql("{rows_hour}")));
    }

    /** Stores why the rows of an hour stay rows. */
    void fail(LocalDate day, Hour hour, String failure) {
        transactions.onDay(
                day,
                RetentionLock.SHARE,
                (handle, budget) -> handle.createUpdate(table.sql(FAIL))
                        .bind("gpu", hour.gpu())
                        .bind("hour", at(hour))
                        .bind("failure", failure)
                        .execute());
    }

    private void execute(Handle handle, String sql, Hour hour) {
        handle.createUpdate(table.sql(sql))
                .bind("gpu", hour.gpu())
                .bind("hour", at(hour))
                .execute();
    }

    private static OffsetDateTime at(Hour hour) {
        return hour.start().atOffset(ZoneOffset.UTC);
    }
}
