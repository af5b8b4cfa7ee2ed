package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.internal.RecordReader;
import io.gpufleet.telemetry.jdbc.internal.Pace;
import io.gpufleet.telemetry.jdbc.internal.TransactionTimeouts;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.time.Duration;

/**
 * The two sides of a move: the old table, and the tables with the samples and the progress. Thread-safe.
 *
 * @param options the options of the move
 * @param reader reads the rows
 * @param table the old table
 * @param old runs transactions in the database of the old table
 * @param stored runs transactions in the database of the samples
 * @param progress the progress
 * @param retry retries transactions of both
 */
record MoveSides(
        SampleTables.Builder options,
        RecordReader<GpuSample> reader,
        FlatTable table,
        Transactions old,
        Transactions stored,
        MoveRows progress,
        TransactionRetry retry) {
    /** Of a table without an index on its time. */
    private static final Duration LONGEST_READING = Duration.ofHours(1);

    /**
     * Finds the old table. This is tried once, so that a move with a wrong address ends at once.
     *
     * @throws TelemetryException if it is not there, or has not the columns that are needed
     * @throws SinkException if its database fails
     */
    static MoveSides of(SampleTables.Builder options, RecordReader<GpuSample> reader, String name) {
        TransactionTimeouts patient =
                TransactionTimeouts.DEFAULT.withStatement(LONGEST_READING).withIdle(LONGEST_READING);
        Transactions old = new Transactions(options.source, patient);
        FlatTable table = old.call("table " + name, connection -> FlatTable.find(connection, name, options.columns));
        return new MoveSides(
                options,
                reader,
                table,
                old,
                new Transactions(options.dataSource, TransactionTimeouts.DEFAULT),
                new MoveRows(options.schema, options.name.orElse(table.source())),
                new TransactionRetry("move", options.retry, options.maxAttempts, Pace.ofSystem()));
    }

    /** Returns the old table, as messages name it. */
    String subject() {
        return "table " + table.name();
    }

    /** Reads from the old table, with retries. */
    <R> R inOld(Transactions.Work<R> work) {
        return retry.call(subject(), failed -> old.call(subject(), work));
    }

    /** Reads or writes the progress or the samples, with retries. The work may be done twice. */
    <R> R inStored(String what, Transactions.Work<R> work) {
        return retry.call(subject(), failed -> stored.call(what, work));
    }
}
