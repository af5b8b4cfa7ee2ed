package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.internal.HostFault;
import io.gpufleet.telemetry.jdbc.gpu.CompactionDays.Hour;
import io.gpufleet.telemetry.jdbc.internal.SqlFailure;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * The hours of a day that have rows, compacted one after the other: a failure of one does not affect the next. Belongs
 * to the thread of a run.
 */
final class DayHours {
    private final LocalDate day;
    private final List<Hour> hours;
    private final List<CompactionJob.Failure> failures = new ArrayList<>();
    private int done;
    private long samples;

    DayHours(LocalDate day, List<Hour> hours) {
        this.day = day;
        this.hours = hours;
    }

    boolean isUnfinished() {
        return done < hours.size();
    }

    /** Compacts the next hour; if retention has dropped the day, there is no other one. */
    void compactNext(HourCompaction compaction) {
        Hour hour = hours.get(done);
        try {
            OptionalLong moved = compaction.compact(day, hour);
            samples += moved.orElse(0);
            done = moved.isPresent() ? done + 1 : hours.size();
        } catch (CompactionStop e) {
            throw e;
        } catch (RuntimeException e) {
            fail(compaction, hour, e);
            done++;
        }
    }

    /** Stores the failure, unless another session was in the way, which says nothing about the rows. */
    private void fail(HourCompaction compaction, Hour hour, RuntimeException e) {
        boolean isLockedOut = SqlFailure.isLockedOut(e);
        if (!isLockedOut && e instanceof SinkException failure && failure.kind().isTransient()) {
            throw e;
        }
        String reason = isLockedOut ? compaction.holders((SinkException) e) : HostFault.words(e);
        failures.add(new CompactionJob.Failure(hour.gpu(), hour.start(), reason));
        if (!isLockedOut) {
            store(compaction, hour, e, reason);
        }
    }

    private void store(HourCompaction compaction, Hour hour, RuntimeException failure, String reason) {
        try {
            compaction.fail(day, hour, reason);
        } catch (TelemetryException e) {
            failure.addSuppressed(e);
            throw failure;
        }
    }

    LocalDate day() {
        return day;
    }

    /** Returns the number of rows that became parts of pieces. */
    long samples() {
        return samples;
    }

    List<CompactionJob.Failure> failures() {
        return failures;
    }

    CompactionJob.Progress progress(String table) {
        return new CompactionJob.Progress(table, day, done, hours.size(), samples);
    }
}
