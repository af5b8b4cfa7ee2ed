package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.RefusedException;
import io.gpufleet.telemetry.Sink;
import io.gpufleet.telemetry.SinkContext;
import io.gpufleet.telemetry.TelemetryEvent.DuplicatesDropped;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.internal.RecordReader;
import io.gpufleet.telemetry.jdbc.gpu.MoveRows.MovedHour;
import io.gpufleet.telemetry.jdbc.gpu.SampleTables.Comparison;
import io.gpufleet.telemetry.jdbc.gpu.SampleTables.Counts;
import io.gpufleet.telemetry.jdbc.gpu.SampleTables.Moved;
import io.gpufleet.telemetry.jdbc.gpu.TableRows.OldRow;
import io.gpufleet.telemetry.jdbc.internal.TransactionTimeouts;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One move of an old table, from where an earlier one ended. Used once, by one thread. */
final class TableMove {
    /** The cluster of logs that are tables. */
    private static final String TABLES = "tables";

    private static final String GROUP = "sample-tables";

    /** Of a table without an index on its time. */
    private static final Duration LONGEST_READING = Duration.ofHours(1);

    /** A table that gets rows all the time would be read for ever. */
    private static final int MOST_PASSES = 5;

    private final SampleTables.Builder options;
    private final RecordReader<GpuSample> reader;
    private final Transactions transactions;
    private final Transactions old;
    private final FlatTable table;
    private final MoveRows progress;
    private final LogId log = new LogId(TABLES, UUID.randomUUID());
    private final List<String> reasons = new ArrayList<>();
    private final NavigableSet<LocalDate> days = new TreeSet<>();

    private Counts run = Counts.NONE;

    private @Nullable MovedHour from;
    private @Nullable MovedHour to;
    private @Nullable RowBatch batch;
    private Counts last = Counts.NONE;

    TableMove(SampleTables.Builder options, RecordReader<GpuSample> reader, String name) {
        this.options = options;
        this.reader = reader;
        this.transactions = new Transactions(options.dataSource, TransactionTimeouts.DEFAULT);
        this.old = new Transactions(
                options.source,
                TransactionTimeouts.DEFAULT.withStatement(LONGEST_READING).withIdle(LONGEST_READING));
        this.table = old.call("table " + name, connection -> FlatTable.find(connection, name, options.columns));
        this.progress = new MoveRows(options.schema, options.name.orElse(table.source()));
    }

    Moved run() {
        Sink<GpuSample> sink = options.sink.ofOtherSource(
                SinkContext.of(GROUP, event -> {}),
                (connection, moved) -> movePosition(connection),
                this::countOutcome,
                options.mostDays);
        int open = readUntilSettled(sink);
        MoveComparison proof = comparison();
        Comparison comparison = prove(proof);
        if (!comparison.holds()) {
            proof.lackingDays().forEach(this::readAgain);
            open = readUntilSettled(sink);
            comparison = prove(comparison());
        }
        Counts total = transactions.call(MoveRows.TABLE, progress::totals);
        return new Moved(total, run, reasons, comparison, open);
    }

    /** Compares all days. */
    Comparison compare() {
        hours().stream().filter(TableHour::isTimed).map(TableHour::day).forEach(days::add);
        return comparison().of(days);
    }

    /** Compares the days that this move has read, or an earlier one that ended before it had proved them. */
    private Comparison prove(MoveComparison proof) {
        List<MovedHour> open = transactions.call(MoveRows.TABLE, progress::unproved);
        open.stream().map(hour -> hour.source().day()).forEach(days::add);
        Comparison comparison = proof.of(days);
        List<MovedHour> proved = open.stream()
                .filter(hour -> !proof.lackingDays().contains(hour.source().day()))
                .toList();
        transactions.call(MoveRows.TABLE, connection -> {
            progress.prove(connection, proved);
            return Boolean.TRUE;
        });
        return comparison;
    }

    private MoveComparison comparison() {
        return new MoveComparison(options, old, reader, table);
    }

    private void readAgain(LocalDate day) {
        transactions.call(MoveRows.TABLE, connection -> {
            progress.readAgain(connection, day);
            return Boolean.TRUE;
        });
    }

    /** Reads all hours that are not read as they are, until there are none; returns how many there still are. */
    private int readUntilSettled(Sink<GpuSample> sink) {
        List<TableHour> open = open();
        for (int pass = 0; pass < MOST_PASSES && !open.isEmpty(); pass++) {
            Map<OffsetDateTime, MovedHour> moved = transactions.call(MoveRows.TABLE, progress::all);
            for (TableHour hour : open) {
                read(hour.begin(), moved.get(hour.begin()), sink);
            }
            open = open();
        }
        return open.size();
    }

    private List<TableHour> open() {
        Map<OffsetDateTime, MovedHour> moved = transactions.call(MoveRows.TABLE, progress::all);
        return hours().stream()
                .filter(hour -> {
                    MovedHour known = moved.get(hour.begin());
                    return known == null || !known.isAllOf(hour);
                })
                .toList();
    }

    private List<TableHour> hours() {
        return old.call("table " + table.name(), table::hours);
    }

    /** Reads an hour from its beginning, or goes on if it has the rows that it had. */
    private void read(OffsetDateTime begin, @Nullable MovedHour known, Sink<GpuSample> sink) {
        old.call("table " + table.name(), connection -> {
            try (TableRows rows = new TableRows(connection, table, begin, 1, options.chunkRows)) {
                read(rows, known, sink);
                return Boolean.TRUE;
            }
        });
    }

    private void read(TableRows rows, @Nullable MovedHour known, Sink<GpuSample> sink) throws SQLException {
        TableHour hour = rows.hour();
        MovedHour at = known != null && known.source().equals(hour) ? known : new MovedHour(hour, 0);
        rows.skip(at.read());
        from = known;
        for (List<OldRow> next = rows.next(options.chunkRows); !next.isEmpty(); next = rows.next(options.chunkRows)) {
            at = at.plus(next.size());
            write(next, at, sink);
        }
        requireAll(hour, at);
    }

    private void requireAll(TableHour hour, MovedHour at) {
        if (at.read() != hour.rows()) {
            throw new TelemetryException("table " + table.name() + ": hour " + hour + " has " + hour.rows()
                    + " rows, but " + at.read() + " were read");
        }
    }

    private void write(List<OldRow> rows, MovedHour position, Sink<GpuSample> sink) {
        RowBatch read = RowBatch.read(table.name(), rows, reader);
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
        options.progress.accept(run);
    }

    private void note(RowBatch written) {
        run = run.plus(last);
        written.reasons().stream().limit(Moved.MOST_REASONS - reasons.size()).forEach(reasons::add);
    }

    private void movePosition(Connection connection) throws SQLException {
        MovedHour position = to;
        if (position != null) {
            progress.move(connection, from, position);
        }
    }

    private void countOutcome(Connection connection, DuplicatesDropped dropped) throws SQLException {
        RowBatch written = batch;
        MovedHour position = to;
        if (written != null && position != null) {
            last = written.counts(dropped);
            progress.add(connection, position.source().begin(), last);
        }
    }
}
