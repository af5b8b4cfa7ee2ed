package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.internal.StopSignal;
import io.gpufleet.telemetry.jdbc.gpu.CompactionTransactions.RetentionLock;
import io.gpufleet.telemetry.jdbc.internal.SqlFailure;
import java.time.LocalDate;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The space of a compacted day: that of the partitions which hold no other day is given back to the file system.
 * Belongs to the thread of a run.
 */
final class DaySpace {
    /**
     * Late rows grow the day, so what it would take as rows grows with them: in proportion, but by no more than they
     * take, since the files of a few rows are mostly empty.
     */
    private static final String COUNT = """
            UPDATE {rows_compaction} SET samples = s.samples,
                bytes_before = bytes_before + CASE WHEN bytes_after IS NULL OR {rows_compaction}.samples = 0 THEN 0
                    ELSE least(:bytes, bytes_before::numeric * (s.samples - {rows_compaction}.samples)
                        / {rows_compaction}.samples)::bigint END
            FROM (SELECT coalesce(sum(samples), 0) AS samples FROM {rows_piece}
                WHERE hour >= :from AND hour < :to) AS s
            WHERE day = :day AND {rows_compaction}.samples <> s.samples""";

    private static final String FINISH =
            "UPDATE {rows_compaction} SET compacted_at = now(), bytes_after = :bytes" + " WHERE day = :day";

    private final CompactionTransactions transactions;
    private final CompactionDays days;
    private final PartitionSpace partitions;
    private final CompactedTable table;
    private final LockHolders holders;
    private final Set<Leaf> vacuumed = new HashSet<>();

    DaySpace(CompactionTransactions transactions, CompactionDays days, PartitionSpace partitions) {
        this.transactions = transactions;
        this.days = days;
        this.partitions = partitions;
        this.table = transactions.table();
        this.holders = new LockHolders(transactions);
    }

    /**
     * Makes the space of dead pieces usable again, such as those of a run that was killed; once a run for a partition
     * that holds other days, too.
     */
    void reuse(LocalDate day) {
        table.pieces().stream()
                .flatMap(piece -> leaves(piece, day).stream())
                .filter(leaf -> leaf.day().isPresent() || vacuumed.add(leaf))
                .forEach(partitions::vacuum);
    }

    private List<Leaf> leaves(String name, LocalDate day) {
        return transactions.read("days of " + name, handle -> days.leaves(handle, name, day));
    }

    /** Returns the partitions that hold rows of a day and of others. */
    List<Leaf> shared(LocalDate day) {
        return leaves(table.name(), day).stream()
                .filter(leaf -> leaf.day().isEmpty())
                .toList();
    }

    /**
     * Gives the space of a day's own partitions back.
     *
     * @return the reason why it has not been given back yet
     */
    Optional<String> giveBack(LocalDate day, StopSignal stop) {
        return unlessLocked(() -> {
            reuse(day);
            count(day);
            List<Leaf> own = leaves(table.name(), day).stream()
                    .filter(leaf -> leaf.day().isPresent())
                    .toList();
            String reasons = partitions.giveBack(own, day, stop).values().stream()
                    .map(Obstacle::reason)
                    .distinct()
                    .collect(Collectors.joining("; "));
            return Optional.of(reasons).filter(text -> !text.isEmpty());
        });
    }

    /** Stores that a day is compacted, and returns the reason if it could not be stored. */
    Optional<String> finish(LocalDate day) {
        return unlessLocked(() -> {
            Optional<Integer> finished = transactions.onDay(
                    day,
                    RetentionLock.SHARE,
                    (handle, budget) -> handle.createUpdate(table.sql(FINISH))
                            .bind("day", day)
                            .bind("bytes", days.bytes(handle, day))
                            .execute());
            return finished.isPresent() ? Optional.empty() : Optional.of("retention has dropped the day");
        });
    }

    private Optional<String> unlessLocked(Supplier<Optional<String>> work) {
        try {
            return work.get();
        } catch (SinkException e) {
            if (!SqlFailure.isLockedOut(e)) {
                throw e;
            }
            return Optional.of(holders.reason(e, List.of(table.sql("{rows_retention}"))));
        }
    }

    private void count(LocalDate day) {
        transactions.onDay(
                day,
                RetentionLock.SHARE,
                (handle, budget) -> handle.createUpdate(table.sql(COUNT))
                        .bind("day", day)
                        .bind("bytes", days.bytesOfRows(handle, day))
                        .bind("from", CompactionDays.start(day))
                        .bind("to", CompactionDays.start(day.plusDays(1)))
                        .execute());
    }
}
