package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.jdbc.internal.LockBudget;
import io.gpufleet.telemetry.jdbc.internal.TransactionTimeouts;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Optional;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * The transactions of a table's compaction. Locks are taken in the order of writers and of retention: retention, lease,
 * hour, rows. All lock waits of a transaction together are bounded. Belongs to the thread of a run.
 */
final class CompactionTransactions {
    /** Long enough to read a large day. */
    private static final Duration LONGEST_STATEMENT = Duration.ofHours(1);

    private static final String UTC = "SET LOCAL timezone = 'UTC'";
    private static final String KEPT =
            "SELECT coalesce(max(kept_from), date '1970-01-01') <= :day FROM {rows_retention}";

    private final Transactions transactions;
    private final Duration lockTimeout;
    private final CompactedTable table;
    private final CompactionLease lease;

    CompactionTransactions(DataSource dataSource, CompactedTable table, CompactionLease lease, Duration lockTimeout) {
        this.transactions = new Transactions(
                dataSource, TransactionTimeouts.DEFAULT.withLock(lockTimeout).withStatement(LONGEST_STATEMENT));
        this.lockTimeout = lockTimeout;
        this.table = table;
        this.lease = lease;
    }

    /** The work of a transaction. */
    @FunctionalInterface
    interface Work<R> {
        R run(Handle handle) throws SQLException;
    }

    /** The work of a transaction that waits for locks. */
    @FunctionalInterface
    interface LockingWork<R> {
        R run(Handle handle, LockBudget budget) throws SQLException;
    }

    /** How a transaction keeps retention out. */
    enum RetentionLock {
        /** Beside writers. */
        SHARE("SHARE"),
        /** After the last writer that began before, and before all others. */
        EXCLUSIVE("SHARE ROW EXCLUSIVE");

        private final String mode;

        RetentionLock(String mode) {
            this.mode = mode;
        }
    }

    Duration lockTimeout() {
        return lockTimeout;
    }

    CompactedTable table() {
        return table;
    }

    /** Runs work without locks that other sessions wait for. */
    <R> R read(String what, Work<R> work) {
        return transactions.call(
                what,
                connection -> Jdbi.create(connection).withHandle(handle -> {
                    handle.execute(UTC);
                    return work.run(handle);
                }));
    }

    /** Runs a statement that must not run in a transaction, and returns the server's first warning. */
    Optional<String> runAlone(String what, String sql) {
        return transactions.runAlone(what, sql);
    }

    /**
     * Runs work on a day that retention keeps until the transaction ends.
     *
     * @return the result; absent if retention has dropped the day
     * @throws CompactionStop if another process holds the lease
     */
    <R> Optional<R> onDay(LocalDate day, RetentionLock lock, LockingWork<R> work) {
        return read(table.name() + " of " + day, handle -> {
            LockBudget budget = new LockBudget(lockTimeout, System::nanoTime);
            handle.execute(budget.limit(table.sql("LOCK TABLE {rows_retention} IN " + lock.mode + " MODE")));
            lease.prove(handle);
            boolean isKept = handle.createQuery(table.sql(KEPT))
                    .bind("day", day)
                    .mapTo(Boolean.class)
                    .one();
            return isKept ? Optional.of(work.run(handle, budget)) : Optional.empty();
        });
    }
}
