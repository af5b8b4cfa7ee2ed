package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.internal.HostFault;
import io.gpufleet.telemetry.internal.StopSignal;
import io.gpufleet.telemetry.jdbc.internal.SqlFailure;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.function.Consumer;
import javax.sql.DataSource;

/** The compaction of the old days of one table, see {@link CompactionJob}. Belongs to the thread of a run. */
final class TableCompaction {
    private static final String IS_INSTALLED = "SELECT to_regclass(:table) IS NOT NULL";

    private static final String BYTES_BEFORE =
            "SELECT coalesce(bytes_before, 0) FROM {rows_compaction} WHERE day = :day";

    private final CompactedTable table;
    private final CompactionLease lease;
    private final double share;
    private final CompactionTransactions transactions;
    private final CompactionDays days;
    private final DaySpace space;
    private final SharedSpace shared;

    /**
     * Prepares the compaction of a table.
     *
     * @param share the share of time in which hours are compacted; in the rest others have the server for themselves
     */
    TableCompaction(
            DataSource dataSource, CompactedTable table, CompactionLease lease, Duration lockTimeout, double share) {
        this.table = table;
        this.lease = lease;
        this.share = share;
        this.transactions = new CompactionTransactions(dataSource, table, lease, lockTimeout);
        this.days = new CompactionDays(transactions);
        PartitionSpace partitions = new PartitionSpace(transactions);
        this.space = new DaySpace(transactions, days, partitions);
        this.shared = new SharedSpace(transactions, days, partitions, space);
    }

    /** Returns whether the tables exist. */
    boolean isInstalled() {
        return transactions.read(
                "catalogue",
                handle -> handle.createQuery(IS_INSTALLED)
                        .bind("table", table.sql("{rows_compaction}"))
                        .mapTo(Boolean.class)
                        .one());
    }

    /** Returns the days before a day with work, the oldest first. */
    SortedSet<LocalDate> daysBefore(LocalDate before) {
        return days.find(before);
    }

    /** Returns the work of a day. */
    CompactionJob.DayResult look(LocalDate day) {
        long samples =
                days.hours(day).stream().mapToLong(CompactionDays.Hour::samples).sum();
        long bytes = bytes(day);
        return new CompactionJob.DayResult(table.name(), day, samples, List.of(), bytes, bytes, Optional.empty());
    }

    /**
     * Compacts a day.
     *
     * @return absent if retention has dropped it, or if it ends with others in {@link #end}
     */
    Optional<CompactionJob.DayResult> compact(
            LocalDate day, StopSignal stop, Consumer<? super CompactionJob.Progress> progress) {
        Optional<DayOpening.Before> before;
        try {
            before = new DayOpening(transactions, days).open(day);
        } catch (SinkException e) {
            requireRights(e);
            if (!SqlFailure.isLockedOut(e)) {
                throw e;
            }
            String reason = new LockHolders(transactions).reason(e, List.of(table.sql("{rows_retention}")));
            return Optional.of(result(new DayHours(day, List.of()), Optional.of(reason)));
        }
        return before.flatMap(was -> compact(day, was, stop, progress));
    }

    /** Adds to a missing right to create days who has it, and how the role gets it. */
    private void requireRights(SinkException refusal) {
        if (SqlFailure.isMissingRight(refusal)) {
            new MissingRights(transactions).toCreateDays().ifPresent(missing -> {
                throw new SinkException(refusal.kind(), HostFault.words(refusal) + "; " + missing, refusal);
            });
        }
    }

    private Optional<CompactionJob.DayResult> compact(
            LocalDate day,
            DayOpening.Before before,
            StopSignal stop,
            Consumer<? super CompactionJob.Progress> progress) {
        if (before == DayOpening.Before.OPEN) {
            space.reuse(day);
        }
        DayHours hours = new DayHours(day, days.hours(day));
        HourCompaction compaction = new HourCompaction(transactions);
        Duration rest = Duration.ZERO;
        while (hours.isUnfinished() && stop.pause(rest)) {
            long startNanos = System.nanoTime();
            lease.prolong();
            hours.compactNext(compaction);
            progress.accept(hours.progress(table.name()));
            rest = restAfter(System.nanoTime() - startNanos);
        }
        return stop.isRaised() ? Optional.of(result(hours, Optional.of("interrupted"))) : end(hours, stop);
    }

    private Duration restAfter(long workNanos) {
        Duration rest = Duration.ofNanos((long) (workNanos * (1 / share - 1)));
        return rest.compareTo(lease.longestRest()) < 0 ? rest : lease.longestRest();
    }

    private Optional<CompactionJob.DayResult> end(DayHours hours, StopSignal stop) {
        LocalDate day = hours.day();
        List<Leaf> leaves = space.shared(day);
        Optional<String> waiting = space.giveBack(day, stop);
        if (leaves.isEmpty()) {
            return Optional.of(result(hours, waiting.or(() -> space.finish(day))));
        }
        shared.add(hours, leaves, waiting);
        return Optional.empty();
    }

    /** Ends the days in partitions that hold more than one day, once the run is done with all of them. */
    List<CompactionJob.DayResult> end(StopSignal stop) {
        return shared.giveBack(stop).stream()
                .map(ended -> result(ended.hours(), ended.waiting()))
                .toList();
    }

    private CompactionJob.DayResult result(DayHours hours, Optional<String> waiting) {
        LocalDate day = hours.day();
        return new CompactionJob.DayResult(
                table.name(), day, hours.samples(), hours.failures(), bytesBefore(day), bytes(day), waiting);
    }

    private long bytesBefore(LocalDate day) {
        return transactions.read(
                table.name() + " of " + day,
                handle -> handle.createQuery(table.sql(BYTES_BEFORE))
                        .bind("day", day)
                        .mapTo(Long.class)
                        .findOne()
                        .orElseGet(() -> days.bytes(handle, day)));
    }

    private long bytes(LocalDate day) {
        return transactions.read(table.name() + " of " + day, handle -> days.bytes(handle, day));
    }

    @Override
    public String toString() {
        return table.toString();
    }
}
