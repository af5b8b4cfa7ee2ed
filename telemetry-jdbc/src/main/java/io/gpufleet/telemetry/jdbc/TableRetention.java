package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.internal.StopSignal;
import io.gpufleet.telemetry.jdbc.internal.SqlFailure;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The drop of one table's old days, see {@link RetentionJob}. Thread-safe. */
final class TableRetention {
    private static final Logger log = LoggerFactory.getLogger(TableRetention.class);
    private static final int ATTEMPTS = 5;
    private static final Duration FARTHEST_AHEAD = Duration.ofDays(1);

    private final OldDays days;
    private final Optional<UnusedContents> contents;
    private final int keepDays;
    private final Clock clock;
    private final RetryPolicy retry;
    private final StopSignal stop;

    /**
     * Prepares the retention of a table.
     *
     * @param contents the rows that only this table refers to
     * @param stop the signal to stop; once it is raised, a run ends after the day that it is dropping
     */
    TableRetention(
            OldDays days,
            Optional<UnusedContents> contents,
            int keepDays,
            Clock clock,
            RetryPolicy retry,
            StopSignal stop) {
        this.days = days;
        this.contents = contents;
        this.keepDays = keepDays;
        this.clock = clock;
        this.retry = retry;
        this.stop = stop;
    }

    /** Returns the first day to keep at a time. */
    static LocalDate firstKept(Instant now, int keepDays) {
        return LocalDate.ofInstant(now, ZoneOffset.UTC).minusDays(keepDays);
    }

    /**
     * Checks that the table's days can be dropped.
     *
     * @return the database's time
     */
    Instant inspect() {
        return days.inspect();
    }

    /** Drops all old days that are not in use. */
    RetentionJob.TableResult run() {
        Instant now = clock.instant();
        refuseClockAhead(now, inspect());
        LocalDate first = firstKept(now, keepDays);
        List<String> dropped = new ArrayList<>();
        Optional<RetentionJob.Held> held = Optional.empty();
        OldDays.State state = days.look(first);
        while (state.isBehind(first) && held.isEmpty() && stop.pause(Duration.ZERO)) {
            held = dropOldest(state.oldest().orElseGet(days::retention), first, dropped);
            state = days.look(first);
        }
        contents.ifPresent(this::remove);
        return new RetentionJob.TableResult(days.table(), state.keptFrom(), dropped, held);
    }

    private void remove(UnusedContents unused) {
        long removed = unused.remove(stop);
        if (removed > 0) {
            log.info("Removed {} rows of {}, which only dropped days referred to", removed, unused);
        }
    }

    private static void refuseClockAhead(Instant now, Instant databaseTime) {
        if (now.isAfter(databaseTime.plus(FARTHEST_AHEAD))) {
            throw new TelemetryException("No days are dropped: the clock says " + now
                    + ", which is more than a day ahead of the database's clock, " + databaseTime);
        }
    }

    /** Drops a day, or returns the reason why it is still in use after too many attempts. */
    private Optional<RetentionJob.Held> dropOldest(String expected, LocalDate first, List<String> dropped) {
        RandomGenerator random = RandomGenerator.getDefault();
        for (int attempt = 1; ; attempt++) {
            try {
                days.dropOldest(expected, first).ifPresent(name -> {
                    dropped.add(name);
                    log.info("Dropped {} of {}", name, days);
                });
                return Optional.empty();
            } catch (SinkException e) {
                if (!SqlFailure.isLockedOut(e)) {
                    throw e;
                }
                if (attempt == ATTEMPTS || !stop.pause(retry.backoff(attempt, random))) {
                    return Optional.of(new RetentionJob.Held(expected, String.valueOf(e.getMessage())));
                }
            }
        }
    }

    @Override
    public String toString() {
        return days.toString();
    }
}
