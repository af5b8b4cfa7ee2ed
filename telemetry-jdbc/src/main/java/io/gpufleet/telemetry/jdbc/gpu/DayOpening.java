package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.jdbc.gpu.CompactionTransactions.RetentionLock;
import io.gpufleet.telemetry.jdbc.internal.DayPartition;
import io.gpufleet.telemetry.jdbc.internal.LockBudget;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * The opening of a day for its compaction. Every writer that began before has ended by then, and every later one looks
 * for the samples of the day in its pieces, too. Belongs to the thread of a run.
 */
final class DayOpening {
    private static final String IS_OPEN = "SELECT EXISTS (SELECT 1 FROM {rows_compaction} WHERE day = :day)";

    private static final String SCHEMA = "SELECT n.nspname FROM pg_class AS c JOIN pg_namespace AS n"
            + " ON n.oid = c.relnamespace WHERE c.oid = to_regclass(:table)";

    private static final String OPEN = "INSERT INTO {rows_compaction} (day, bytes_before)"
            + " VALUES (:day, CASE WHEN NOT :shared THEN :bytes END)";

    private static final String REOPEN =
            "UPDATE {rows_compaction} SET compacted_at = NULL" + " WHERE day = :day AND compacted_at IS NOT NULL";

    private final CompactionTransactions transactions;
    private final CompactionDays days;
    private final CompactedTable table;

    DayOpening(CompactionTransactions transactions, CompactionDays days) {
        this.transactions = transactions;
        this.days = days;
        this.table = transactions.table();
    }

    /** The state of a day before this run. */
    enum Before {
        /** Not compacted. */
        RAW,
        /** Open already. */
        OPEN
    }

    /** Opens a day, and returns its state before; absent if retention has dropped it. */
    Optional<Before> open(LocalDate day) {
        return isOpen(day) ? reopen(day) : openFirst(day);
    }

    private boolean isOpen(LocalDate day) {
        return transactions.read(
                table.name() + " of " + day,
                handle -> handle.createQuery(table.sql(IS_OPEN))
                        .bind("day", day)
                        .mapTo(Boolean.class)
                        .one());
    }

    private Optional<Before> reopen(LocalDate day) {
        return transactions.onDay(day, RetentionLock.SHARE, (handle, budget) -> {
            handle.createUpdate(table.sql(REOPEN)).bind("day", day).execute();
            return Before.OPEN;
        });
    }

    private Optional<Before> openFirst(LocalDate day) {
        return transactions.onDay(day, RetentionLock.EXCLUSIVE, (handle, budget) -> {
            long bytes = days.bytes(handle, day);
            createPartitions(handle, budget, day);
            handle.createUpdate(table.sql(OPEN))
                    .bind("day", day)
                    .bind("bytes", bytes)
                    .bind("shared", days.isShared(handle, day))
                    .execute();
            return Before.RAW;
        });
    }

    private void createPartitions(Handle handle, LockBudget budget, LocalDate day) throws SQLException {
        String schema = handle.createQuery(SCHEMA)
                .bind("table", table.sql("{rows}"))
                .mapTo(String.class)
                .one();
        handle.execute(budget.limit());
        try (Statement statement = handle.getConnection().createStatement()) {
            for (String piece : table.pieces()) {
                new DayPartition(schema, piece).make(statement, day);
            }
        }
    }
}
