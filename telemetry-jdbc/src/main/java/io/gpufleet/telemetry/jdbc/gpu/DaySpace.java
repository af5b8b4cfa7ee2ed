package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.internal.StopSignal;
import io.gpufleet.telemetry.jdbc.gpu.CompactionDays.Partition;
import io.gpufleet.telemetry.jdbc.gpu.CompactionTransactions.RetentionLock;
import io.gpufleet.telemetry.jdbc.internal.LockBudget;
import io.gpufleet.telemetry.jdbc.internal.SqlFailure;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * The space of a compacted day, given back to the file system. A partition is truncated only if its file is empty, so
 * that no snapshot, however old, can see a row of it: the truncation gives back the indexes. Belongs to the thread of a
 * run.
 */
final class DaySpace {
    private static final String VACUUM = "VACUUM (TRUNCATE TRUE, INDEX_CLEANUP ON) ";

    private static final String COUNT = """
            UPDATE {rows_compaction} SET samples = s.samples FROM (
                SELECT coalesce(sum(samples), 0) AS samples FROM {rows_piece} WHERE hour >= :from AND hour < :to) AS s
            WHERE day = :day AND {rows_compaction}.samples <> s.samples""";

    private static final String FINISH =
            "UPDATE {rows_compaction} SET compacted_at = now(), bytes_after = :bytes" + " WHERE day = :day";

    private static final String HAS_ROWS = "SELECT EXISTS (SELECT 1 FROM %s)";
    private static final String FILE_IS_EMPTY = "SELECT pg_relation_size(to_regclass(:name)) = 0";

    private static final String OLDEST_SNAPSHOT = """
            SELECT format('pid %s (%s), snapshot of transaction %s', pid, application_name, backend_xmin)
            FROM pg_stat_activity WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid()
                AND (datname = current_database() OR backend_type = 'walsender')
            ORDER BY age(backend_xmin) DESC, xact_start LIMIT 1""";

    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(100);

    private final CompactionTransactions transactions;
    private final CompactionDays days;
    private final CompactedTable table;
    private final LockHolders holders;

    DaySpace(CompactionTransactions transactions, CompactionDays days) {
        this.transactions = transactions;
        this.days = days;
        this.table = transactions.table();
        this.holders = new LockHolders(transactions);
    }

    /** Makes the space of dead pieces usable again, such as those of a run that was killed. */
    void reuse(LocalDate day) {
        table.pieces().forEach(piece -> partitions(piece, day).forEach(this::vacuum));
    }

    private List<Partition> partitions(String name, LocalDate day) {
        return transactions.read("days of " + name, handle -> days.partitions(handle, name, day));
    }

    private Optional<String> vacuum(Partition partition) {
        try {
            return transactions.runAlone(partition.name(), VACUUM + partition.name());
        } catch (SinkException e) {
            if (isGone(partition)) {
                return Optional.empty();
            }
            if (!SqlFailure.isLockedOut(e)) {
                throw e;
            }
            return Optional.of(holders.reason(e, List.of(partition.name())));
        }
    }

    /** Returns whether retention has dropped a partition in the meantime. */
    private boolean isGone(Partition partition) {
        return transactions.read("catalogue", handle -> isGone(handle, partition));
    }

    private static boolean isGone(Handle handle, Partition partition) {
        return handle.createQuery("SELECT to_regclass(:name) IS NULL")
                .bind("name", partition.name())
                .mapTo(Boolean.class)
                .one();
    }

    /** Why the space of a day is not given back, and whether that may pass soon: many snapshots are short. */
    private record Obstacle(String reason, boolean isSnapshot) {}

    /**
     * Gives the space of a day back. Waits for an older snapshot no longer than for a lock.
     *
     * @return the reason why it has not been given back yet
     */
    Optional<String> giveBack(LocalDate day, StopSignal stop) {
        try {
            return giveBackUnlocked(day, stop);
        } catch (SinkException e) {
            if (!SqlFailure.isLockedOut(e)) {
                throw e;
            }
            return Optional.of(holders.reason(e, List.of(table.sql("{rows_retention}"))));
        }
    }

    private Optional<String> giveBackUnlocked(LocalDate day, StopSignal stop) {
        List<Partition> raw = partitions(table.name(), day);
        reuse(day);
        count(day);
        long startNanos = System.nanoTime();
        Optional<Obstacle> obstacle = attempt(day, raw);
        while (obstacle.filter(Obstacle::isSnapshot).isPresent()
                && System.nanoTime() - startNanos < transactions.lockTimeout().toNanos()
                && stop.pause(BETWEEN_ATTEMPTS)) {
            obstacle = attempt(day, raw);
        }
        return obstacle.map(Obstacle::reason);
    }

    private Optional<Obstacle> attempt(LocalDate day, List<Partition> raw) {
        List<String> warnings = new ArrayList<>();
        raw.forEach(partition -> vacuum(partition).ifPresent(warnings::add));
        return warnings.isEmpty()
                ? rows(raw).or(() -> finish(day, raw))
                : Optional.of(new Obstacle(String.join("; ", warnings), false));
    }

    /** Looks for rows without a lock, since readers and writers of a partition that has some would wait for nothing. */
    private Optional<Obstacle> rows(List<Partition> raw) {
        return transactions.read(
                table.name(),
                handle -> raw.stream()
                        .filter(partition -> !isGone(handle, partition))
                        .flatMap(partition -> rows(handle, partition).stream())
                        .findFirst());
    }

    private static Optional<Obstacle> rows(Handle handle, Partition partition) {
        boolean hasRows = handle.createQuery(HAS_ROWS.formatted(partition.name()))
                .mapTo(Boolean.class)
                .one();
        return hasRows
                ? lasting(partition.name() + " has rows: they came late, could not be compacted, or are of another day")
                : Optional.empty();
    }

    private void count(LocalDate day) {
        transactions.onDay(
                day,
                RetentionLock.SHARE,
                (handle, budget) -> handle.createUpdate(table.sql(COUNT))
                        .bind("day", day)
                        .bind("from", CompactionDays.start(day))
                        .bind("to", CompactionDays.start(day.plusDays(1)))
                        .execute());
    }

    private Optional<Obstacle> finish(LocalDate day, List<Partition> raw) {
        try {
            return transactions
                    .onDay(day, RetentionLock.SHARE, (handle, budget) -> finish(handle, budget, day, raw))
                    .orElse(lasting("retention has dropped the day"));
        } catch (SinkException e) {
            if (!SqlFailure.isLockedOut(e)) {
                throw e;
            }
            return lasting(holders.reason(e, raw.stream().map(Partition::name).toList()));
        }
    }

    /** In one transaction, so that no row can come in between. */
    private Optional<Obstacle> finish(Handle handle, LockBudget budget, LocalDate day, List<Partition> raw) {
        for (Partition partition : raw) {
            handle.execute(budget.limit("LOCK TABLE ONLY " + partition.name() + " IN ACCESS EXCLUSIVE MODE"));
            Optional<Obstacle> obstacle = obstacle(handle, partition);
            if (obstacle.isPresent()) {
                return obstacle;
            }
        }
        raw.forEach(partition -> handle.execute("TRUNCATE ONLY " + partition.name()));
        handle.createUpdate(table.sql(FINISH))
                .bind("day", day)
                .bind("bytes", days.bytes(handle, day))
                .execute();
        return Optional.empty();
    }

    private static Optional<Obstacle> obstacle(Handle handle, Partition partition) {
        if (!partition.isPlain()) {
            return lasting(partition.name() + " has partitions of its own");
        }
        Optional<Obstacle> rows = rows(handle, partition);
        if (rows.isPresent()) {
            return rows;
        }
        boolean isEmpty = handle.createQuery(FILE_IS_EMPTY)
                .bind("name", partition.name())
                .mapTo(Boolean.class)
                .one();
        return isEmpty
                ? Optional.empty()
                : Optional.of(new Obstacle(
                        "an older transaction may still see rows of " + partition.name() + oldest(handle), true));
    }

    private static Optional<Obstacle> lasting(String reason) {
        return Optional.of(new Obstacle(reason, false));
    }

    private static String oldest(Handle handle) {
        return handle.createQuery(OLDEST_SNAPSHOT)
                .mapTo(String.class)
                .findOne()
                .map(session -> ": " + session)
                .orElse("");
    }
}
