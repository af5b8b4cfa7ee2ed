package io.gpufleet.telemetry.benchmarks.pipeline;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.OffsetRange;
import io.gpufleet.telemetry.PositionChange;
import io.gpufleet.telemetry.SinkContext;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryListener;
import io.gpufleet.telemetry.TransactionalSink;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/** A feed of a sink with batches from memory, as if a consumer had just made them. */
final class SinkFeed {
    private SinkFeed() {}

    /** Opens the sink for a group, whose positions are set to the beginning of the batches. */
    static void open(TransactionalSink<Heartbeat> sink, String group, List<List<Batch<Heartbeat>>> lanes) {
        sink.open(SinkContext.of(group, TelemetryListener.none()).concurrency(lanes.size()));
        sink.change(starts(lanes));
    }

    /** Writes the batches of each lane on a thread of its own. */
    static Figures measure(Stage stage, TransactionalSink<Heartbeat> sink, List<List<Batch<Heartbeat>>> lanes)
            throws InterruptedException {
        open(sink, stage.newGroup(), lanes);
        Measurement measurement = stage.measure(stage.backlog().records());
        measurement.begin();
        AtOnce.run(
                lanes.stream().map(batches -> lane(batches, sink, measurement)).toList());
        return measurement.await();
    }

    private static Callable<Void> lane(
            List<Batch<Heartbeat>> batches, TransactionalSink<Heartbeat> sink, Measurement measurement) {
        return () -> {
            for (Batch<Heartbeat> batch : batches) {
                sink.write(batch);
                measurement.done(batch.deliveries().size());
            }
            return null;
        };
    }

    private static Collection<PositionChange> starts(List<List<Batch<Heartbeat>>> lanes) {
        Map<SourcePartition, PositionChange> starts = new LinkedHashMap<>();
        for (List<Batch<Heartbeat>> batches : lanes) {
            for (Batch<Heartbeat> batch : batches) {
                batch.ranges().forEach(range -> starts.putIfAbsent(range.partition(), start(range)));
            }
        }
        return starts.values();
    }

    private static PositionChange start(OffsetRange range) {
        return new PositionChange(range.partition(), Optional.empty(), range.start(), Optional.empty());
    }
}
