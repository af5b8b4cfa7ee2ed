package io.gpufleet.telemetry.benchmarks.pipeline;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The batches that a consumer's lanes pass to their sink, kept in memory. */
final class RecordedBatches {
    private RecordedBatches() {}

    /** Consumes the whole backlog and returns, for each lane, its batches in their order. */
    static List<List<Batch<Heartbeat>>> of(Stage stage, BacklogSettings settings) throws InterruptedException {
        Map<Thread, List<Batch<Heartbeat>>> byLane = new ConcurrentHashMap<>();
        ConsumerRun.ofPlain(
                stage,
                settings,
                batch -> byLane.computeIfAbsent(Thread.currentThread(), lane -> new ArrayList<>())
                        .add(batch));
        return byLane.values().stream().map(List::copyOf).toList();
    }
}
