package io.gpufleet.telemetry.benchmarks.latency;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.PositionChange;
import io.gpufleet.telemetry.SinkContext;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TransactionalSink;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** A sink that notes the age of each heartbeat at its commit, and the duration of each write. Thread-safe. */
final class TimedSink implements TransactionalSink<Heartbeat> {
    private static final long LARGEST_MICROS = TimeUnit.MINUTES.toMicros(10);
    private static final int DIGITS = 3;

    private final TransactionalSink<Heartbeat> sink;
    private final Instant from;
    private final Histogram ages = new ConcurrentHistogram(LARGEST_MICROS, DIGITS);
    private final Histogram writes = new ConcurrentHistogram(LARGEST_MICROS, DIGITS);
    private final AtomicLong committed = new AtomicLong();

    /**
     * Wraps a sink.
     *
     * @param from the time before which heartbeats are not noted, because of the warm-up
     */
    TimedSink(TransactionalSink<Heartbeat> sink, Instant from) {
        this.sink = sink;
        this.from = from;
    }

    /** Returns the ages in microseconds. */
    Histogram ages() {
        return ages;
    }

    /** Returns the durations of writes in microseconds. */
    Histogram writes() {
        return writes;
    }

    /** Returns the number of committed heartbeats, noted or not. */
    long committed() {
        return committed.get();
    }

    @Override
    public void write(Batch<Heartbeat> batch) {
        long begun = System.nanoTime();
        sink.write(batch);
        long micros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - begun);
        Instant now = Instant.now();
        if (now.isAfter(from)) {
            writes.recordValue(micros);
            batch.deliveries().forEach(delivery -> note(delivery.time(), now));
        }
        committed.addAndGet(batch.deliveries().size());
    }

    private void note(Instant due, Instant now) {
        if (!due.isBefore(from)) {
            ages.recordValue(TimeUnit.MILLISECONDS.toMicros(now.toEpochMilli() - due.toEpochMilli()));
        }
    }

    @Override
    public void open(SinkContext context) {
        sink.open(context);
    }

    @Override
    public Map<SourcePartition, Position> positions(Collection<SourcePartition> partitions) {
        return sink.positions(partitions);
    }

    @Override
    public Map<SourcePartition, Position> change(Collection<PositionChange> changes) {
        return sink.change(changes);
    }
}
