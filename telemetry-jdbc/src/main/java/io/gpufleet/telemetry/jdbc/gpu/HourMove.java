package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.RefusedException;
import io.gpufleet.telemetry.Sink;
import io.gpufleet.telemetry.SinkContext;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SinkException.Kind;
import io.gpufleet.telemetry.TelemetryEvent.DuplicatesDropped;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.jdbc.gpu.MoveRows.MovedHour;
import io.gpufleet.telemetry.jdbc.gpu.SampleTables.Counts;
import io.gpufleet.telemetry.jdbc.gpu.SampleTables.Moved;
import io.gpufleet.telemetry.jdbc.gpu.TableRows.OldRow;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The way of the rows of one hour after another into the new tables, with the position behind them. Belongs to one
 * thread.
 */
final class HourMove {
    private static final String GROUP = "sample-tables";

    private final MoveSides sides;
    private final LogId log;
    private final Sink<GpuSample> sink;
    private final List<String> reasons = new ArrayList<>();

    private Counts run = Counts.NONE;
    private @Nullable MovedHour from;

    /** What is being written: after a failure, it may be stored all the same. */
    private @Nullable RowBatch batch;

    private @Nullable MovedHour to;
    private Counts last = Counts.NONE;

    HourMove(MoveSides sides, LogId log) {
        this.sides = sides;
        this.log = log;
        this.sink = sides.retry()
                .call(
                        sides.subject(),
                        failed -> sides.options()
                                .sink
                                .ofOtherSource(
                                        SinkContext.of(GROUP, event -> {}),
                                        (connection, moved) -> movePosition(connection),
                                        this::countOutcome,
                                        sides.options().mostDays));
    }

    /** Returns the numbers of all rows that were read. */
    Counts run() {
        return run;
    }

    /** Returns the first reasons against rejected rows. */
    List<String> reasons() {
        return reasons;
    }

    /** Reads an hour from its beginning, or goes on if it has the rows that it had. */
    void move(OffsetDateTime begin, @Nullable MovedHour known) {
        from = known;
        sides.retry().call(sides.subject(), () -> run.read(), failed -> {
            if (failed > 0) {
                findPosition(begin);
            }
            return read(begin);
        });
    }

    /** Finds the position after a failure: a commit whose reply was lost may have moved it. */
    private void findPosition(OffsetDateTime begin) {
        Optional<MovedHour> there = sides.stored()
                .call(MoveRows.TABLE, connection -> sides.progress().of(connection, begin));
        MovedHour found = there.orElse(null);
        RowBatch written = batch;
        if (written != null && found != null && found.equals(to)) {
            note(written);
        }
        batch = null;
        from = found;
    }

    private Boolean read(OffsetDateTime begin) {
        int atOnce = sides.options().chunkRows;
        return sides.old().call(sides.subject(), connection -> {
            try (TableRows rows = new TableRows(connection, sides.table(), begin, 1, atOnce)) {
                read(rows, atOnce);
                return Boolean.TRUE;
            }
        });
    }

    private void read(TableRows rows, int atOnce) throws SQLException {
        TableHour hour = rows.hour();
        MovedHour known = from;
        MovedHour at = known != null && known.source().equals(hour) ? known : new MovedHour(hour, 0);
        rows.skip(at.read());
        for (List<OldRow> next = rows.next(atOnce); !next.isEmpty(); next = rows.next(atOnce)) {
            write(next, at);
            at = at.plus(next.size());
        }
        requireAll(hour, at);
    }

    private void requireAll(TableHour hour, MovedHour at) {
        if (at.read() != hour.rows()) {
            throw new TelemetryException(sides.subject() + ": hour " + hour + " has " + hour.rows() + " rows, but "
                    + at.read() + " were read");
        }
    }

    /** Writes rows behind a position. Where the database blames some of them, it finds out which ones by halves. */
    private void write(List<OldRow> rows, MovedHour at) {
        try {
            store(read(rows), at.plus(rows.size()));
        } catch (SinkException e) {
            if (e.kind() != Kind.DATA && e.kind() != Kind.FATAL_PERHAPS_DATA) {
                throw e;
            }
            if (rows.size() > 1) {
                int half = rows.size() / 2;
                write(rows.subList(0, half), at);
                write(rows.subList(half, rows.size()), at.plus(half));
            } else {
                refuse(rows, at, e);
            }
        }
    }

    private RowBatch read(List<OldRow> rows) {
        return RowBatch.read(sides.table().name(), rows, sides.reader());
    }

    /** Refuses one row, unless the failure may be that of every row. */
    private void refuse(List<OldRow> row, MovedHour at, SinkException failure) {
        if (failure.kind() != Kind.DATA) {
            throw new SinkException(failure.kind(), "id " + row.get(0).id() + ": " + failure.getMessage(), failure);
        }
        RowBatch refused = read(row);
        refused.refuse(failure);
        store(refused, at.plus(1));
    }

    private void store(RowBatch read, MovedHour position) {
        batch = read;
        to = position;
        boolean isWritten = false;
        while (!isWritten) {
            try {
                sink.write(read.toBatch(log));
                isWritten = true;
            } catch (RefusedException e) {
                read.refuse(e.deadLetters());
            }
        }
        from = position;
        note(read);
        sides.options().progress.accept(run);
    }

    private void note(RowBatch written) {
        batch = null;
        run = run.plus(last);
        written.reasons().stream().limit(Moved.MOST_REASONS - reasons.size()).forEach(reasons::add);
    }

    private void movePosition(Connection connection) throws SQLException {
        MovedHour position = to;
        if (position != null) {
            sides.progress().move(connection, from, position);
        }
    }

    private void countOutcome(Connection connection, DuplicatesDropped dropped) throws SQLException {
        RowBatch written = batch;
        MovedHour position = to;
        if (written != null && position != null) {
            last = written.counts(dropped);
            sides.progress().add(connection, position.source().begin(), last);
            sides.progress().refuse(connection, position.source().begin(), written.refused());
        }
    }
}
