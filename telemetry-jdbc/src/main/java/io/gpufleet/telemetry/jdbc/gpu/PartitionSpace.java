package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.internal.HostFault;
import io.gpufleet.telemetry.internal.StopSignal;
import io.gpufleet.telemetry.jdbc.gpu.CompactionTransactions.RetentionLock;
import io.gpufleet.telemetry.jdbc.internal.LockBudget;
import io.gpufleet.telemetry.jdbc.internal.SqlFailure;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * The space of partitions, each given back to the file system on its own. A partition is truncated only if its file is
 * empty, so that no snapshot, however old, can see a row of it: the truncation gives back the indexes. Belongs to the
 * thread of a run.
 */
final class PartitionSpace {
    /**
     * A pooler may run it in any session, so its wait for a lock cannot be limited: it does not wait. The wait comes
     * before, in a transaction that ends an autovacuum which is in the way.
     */
    private static final String VACUUM = "VACUUM (SKIP_LOCKED, TRUNCATE TRUE, INDEX_CLEANUP ON) ";

    private static final String LOCK_OF_VACUUM = "LOCK TABLE ONLY %s IN SHARE UPDATE EXCLUSIVE MODE";

    private static final String FILE_IS_EMPTY = "SELECT pg_relation_size(to_regclass(:name)) = 0";

    private static final String TIME_LIMIT =
            "SELECT format('; statement_timeout of role %1$I is %2$s ms: run ALTER ROLE"
                    + " %1$I SET statement_timeout = 0', current_user, reset_val) FROM pg_settings"
                    + " WHERE name = 'statement_timeout' AND reset_val <> '0'";

    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(100);

    private final CompactionTransactions transactions;
    private final LockHolders holders;
    private final MissingRights rights;

    PartitionSpace(CompactionTransactions transactions) {
        this.transactions = transactions;
        this.holders = new LockHolders(transactions);
        this.rights = new MissingRights(transactions);
    }

    /**
     * Gives the space of partitions back. Waits for older snapshots no longer than for a lock.
     *
     * @param day a day that the partitions hold
     * @return the partitions whose space is not given back
     */
    Map<Leaf, Obstacle> giveBack(Collection<Leaf> leaves, LocalDate day, StopSignal stop) {
        long startNanos = System.nanoTime();
        Map<Leaf, Obstacle> obstacles = attempt(leaves, day);
        List<Leaf> waiting = waiting(obstacles);
        while (!waiting.isEmpty()
                && System.nanoTime() - startNanos < transactions.lockTimeout().toNanos()
                && stop.pause(BETWEEN_ATTEMPTS)) {
            obstacles.keySet().removeAll(waiting);
            obstacles.putAll(attempt(waiting, day));
            waiting = waiting(obstacles);
        }
        return obstacles;
    }

    private static List<Leaf> waiting(Map<Leaf, Obstacle> obstacles) {
        return obstacles.entrySet().stream()
                .filter(obstacle -> obstacle.getValue().isSnapshot())
                .map(Map.Entry::getKey)
                .toList();
    }

    private Map<Leaf, Obstacle> attempt(Collection<Leaf> leaves, LocalDate day) {
        Map<Leaf, Obstacle> obstacles = new LinkedHashMap<>();
        leaves.forEach(leaf -> attempt(leaf, day).ifPresent(obstacle -> obstacles.put(leaf, obstacle)));
        return obstacles;
    }

    private Optional<Obstacle> attempt(Leaf leaf, LocalDate day) {
        return vacuum(leaf).or(() -> rows(leaf)).or(() -> truncate(leaf, day));
    }

    /** Makes the space of dead rows usable again. */
    Optional<Obstacle> vacuum(Leaf leaf) {
        try {
            transactions.read(leaf.name(), handle -> handle.execute(LOCK_OF_VACUUM.formatted(leaf.name())));
            return transactions.runAlone(leaf.name(), VACUUM + leaf.name()).map(warning -> skipped(leaf, warning));
        } catch (SinkException e) {
            return isGone(leaf) ? Optional.empty() : Optional.of(obstacle(e, leaf));
        }
    }

    private Obstacle skipped(Leaf leaf, String warning) {
        return Obstacle.other(warning
                + rights.toGiveBack(leaf)
                        .map(missing -> "; " + missing)
                        .orElseGet(() -> holders.of(List.of(leaf.name()))));
    }

    private Obstacle obstacle(SinkException e, Leaf leaf) {
        if (SqlFailure.isLockedOut(e)) {
            return Obstacle.other(holders.reason(e, List.of(leaf.name())));
        }
        if (SqlFailure.isMissingRight(e)) {
            return Obstacle.other(rights.toGiveBack(leaf).orElseGet(() -> HostFault.words(e)));
        }
        if (SqlFailure.isCancelled(e)) {
            return Obstacle.other(e.getMessage() + timeLimit());
        }
        throw e;
    }

    /** Returns the role's limit of statements, which holds for a {@code VACUUM}; nothing without one. */
    private String timeLimit() {
        return transactions.read(
                "catalogue",
                handle -> handle.createQuery(TIME_LIMIT)
                        .mapTo(String.class)
                        .findOne()
                        .orElse(""));
    }

    /** Returns whether retention has dropped a partition in the meantime. */
    private boolean isGone(Leaf leaf) {
        return transactions.read("catalogue", handle -> isGone(handle, leaf));
    }

    private static boolean isGone(Handle handle, Leaf leaf) {
        return handle.createQuery("SELECT to_regclass(:name) IS NULL")
                .bind("name", leaf.name())
                .mapTo(Boolean.class)
                .one();
    }

    /** Looks for rows without a lock, since readers and writers of a partition that has some would wait for nothing. */
    private Optional<Obstacle> rows(Leaf leaf) {
        return transactions.read(
                leaf.name(), handle -> isGone(handle, leaf) ? Optional.<Obstacle>empty() : rows(handle, leaf));
    }

    private static Optional<Obstacle> rows(Handle handle, Leaf leaf) {
        return CompactionDays.hasRows(handle, leaf)
                ? Optional.of(Obstacle.rows(leaf.name() + " has rows: they came late"
                        + (leaf.day().isPresent()
                                ? " or could not be compacted"
                                : ", could not be compacted, or are of another day")))
                : Optional.empty();
    }

    private Optional<Obstacle> truncate(Leaf leaf, LocalDate day) {
        try {
            return transactions
                    .onDay(day, RetentionLock.SHARE, (handle, budget) -> truncate(handle, budget, leaf))
                    .orElse(Optional.of(Obstacle.other("retention has dropped the day")));
        } catch (SinkException e) {
            return Optional.of(obstacle(e, leaf));
        }
    }

    /** In one transaction, so that no row can come in between. */
    private static Optional<Obstacle> truncate(Handle handle, LockBudget budget, Leaf leaf) {
        handle.execute(budget.limit("LOCK TABLE ONLY " + leaf.name() + " IN ACCESS EXCLUSIVE MODE"));
        Optional<Obstacle> rows = rows(handle, leaf);
        if (rows.isPresent()) {
            return rows;
        }
        boolean isEmpty = handle.createQuery(FILE_IS_EMPTY)
                .bind("name", leaf.name())
                .mapTo(Boolean.class)
                .one();
        if (!isEmpty) {
            return Optional.of(Obstacle.snapshot(
                    "an older transaction may still see rows of " + leaf.name() + OldestSnapshot.words(handle)));
        }
        handle.execute("TRUNCATE ONLY " + leaf.name());
        return Optional.empty();
    }
}
