package io.gpufleet.telemetry.benchmarks.pipeline;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.OffsetRange;
import io.gpufleet.telemetry.PositionChange;
import io.gpufleet.telemetry.SinkContext;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryListener;
import io.gpufleet.telemetry.TransactionalSink;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/** A feed of a sink with batches from memory, as if a consumer had just made them. */
public final class SinkFeed {
    private SinkFeed() {}

    /** Opens the sink for a group, whose positions are set to the beginning of the batches. */
    static <T> void open(TransactionalSink<T> sink, String group, List<List<Batch<T>>> lanes) {
        sink.open(SinkContext.of(group, TelemetryListener.none()).concurrency(lanes.size()));
        sink.change(starts(lanes));
    }

    /** Writes the batches of each lane on a thread of its own. */
    static <T> Figures measure(Stage stage, TransactionalSink<T> sink, List<List<Batch<T>>> lanes)
            throws InterruptedException {
        return measure(stage.measure(stage.backlog().records()), sink, stage.newGroup(), lanes);
    }

    /** Writes the batches of each lane on a thread of its own, for a group that has no positions yet. */
    public static <T> Figures measure(
            Measurement measurement, TransactionalSink<T> sink, String group, List<List<Batch<T>>> lanes)
            throws InterruptedException {
        open(sink, group, lanes);
        measurement.begin();
        AtOnce.run(
                lanes.stream().map(batches -> lane(batches, sink, measurement)).toList());
        return measurement.await();
    }

    private static <T> Callable<Void> lane(List<Batch<T>> batches, TransactionalSink<T> sink, Measurement measurement) {
        return () -> {
            for (Batch<T> batch : batches) {
                sink.write(batch);
                measurement.done(batch.deliveries().size());
            }
            return null;
        };
    }

    private static <T> Collection<PositionChange> starts(List<List<Batch<T>>> lanes) {
        Map<SourcePartition, PositionChange> starts = new LinkedHashMap<>();
        for (List<Batch<T>> batches : lanes) {
            for (Batch<T> batch : batches) {
                batch.ranges().forEach(range -> starts.putIfAbsent(range.partition(), start(range)));
            }
        }
        return starts.values();
    }

    private static PositionChange start(OffsetRange range) {
        return new PositionChange(range.partition(), Optional.empty(), range.start(), Optional.empty());
    }
}
