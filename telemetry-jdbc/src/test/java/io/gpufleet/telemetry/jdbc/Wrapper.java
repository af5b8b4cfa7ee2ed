package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.PositionChange;
import io.gpufleet.telemetry.SinkContext;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TransactionalSink;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/** A host's sink around another sink. */
class Wrapper<T> implements TransactionalSink<T> {
    private final TransactionalSink<T> sink;

    Wrapper(TransactionalSink<T> sink) {
        this.sink = sink;
    }

    @Override
    public Optional<TransactionalSink<T>> wrapped() {
        return Optional.of(sink);
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

    @Override
    public void write(Batch<T> batch) {
        sink.write(batch);
    }
}
