package io.gpufleet.telemetry.integration.audited;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.PositionChange;
import io.gpufleet.telemetry.SinkContext;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TransactionalSink;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;

/**
 * A sink that gets the good values of a record whose others are refused, although an {@link AuditHook} in its
 * transaction would note a replayed value twice: nothing is replayed here. Thread-safe, as the sink is.
 */
final class KeptParts<T> implements TransactionalSink<T> {
    private final TransactionalSink<T> sink;

    KeptParts(TransactionalSink<T> sink) {
        this.sink = sink;
    }

    @Override
    public boolean isIdempotent() {
        return true;
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
    public Map<SourcePartition, Instant> newestRecords(Collection<SourcePartition> partitions) {
        return sink.newestRecords(partitions);
    }

    @Override
    public Map<SourcePartition, Position> change(Collection<PositionChange> changes) {
        return sink.change(changes);
    }

    @Override
    public void write(Batch<T> batch) {
        sink.write(batch);
    }
}
