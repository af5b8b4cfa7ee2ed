package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.OffsetRange;
import io.gpufleet.telemetry.TelemetryEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A batch writer with a fake lane and a fake store around it. */
final class WriterFixture {
    final FakeSink sink = new FakeSink();
    final TestOptions options = new TestOptions(sink);
    private static final BatchLimits UNLIMITED =
            new BatchLimits(BatchPolicy.builder().maxRecords(1_000_000).build(), Long.MAX_VALUE);

    final FakeHost host = new FakeHost();
    final LaneGate gate = new LaneGate();
    final List<TelemetryEvent> events = new ArrayList<>();
    private final List<PendingBatch<String>> batched = new ArrayList<>();
    private final Batcher<String> batcher = new Batcher<>(
            options.build().reader(), () -> UNLIMITED, Logs.refusals(), batched::add, (records, bytes) -> {});

    /** Returns one batch of the chunks, an empty one if all of them are stale. */
    PendingBatch<String> batch(Chunk... chunks) {
        for (Chunk chunk : chunks) {
            batcher.append(chunk);
        }
        batcher.flush();
        return batched.isEmpty() ? new PendingBatch<>(chunks[0], UNLIMITED, Logs.refusals()) : batched.remove(0);
    }

    /** Returns a batch with a record of each generation in turn, up to an offset. */
    PendingBatch<String> interleaved(long next, Generation... generations) {
        for (long offset = 0; offset < next; offset++) {
            for (Generation generation : generations) {
                batcher.append(Logs.chunk(generation, offset, offset + 1));
            }
        }
        batcher.flush();
        return batched.remove(0);
    }

    /** Returns a batcher of at most so many records, whose batches are written as soon as they are full. */
    Batcher<String> writing(BatchWriter<String> writer, int records) {
        BatchLimits limits =
                new BatchLimits(BatchPolicy.builder().maxRecords(records).build(), Long.MAX_VALUE);
        return new Batcher<>(
                options.build().reader(), () -> limits, Logs.refusals(), writer::write, (dropped, bytes) -> {});
    }

    BatchWriter<String> writer() {
        options.listener = events::add;
        Events counted = new Events(List.of(options.listener));
        DeadLetterWindow window = new DeadLetterWindow(options.failure);
        FakeLaneOwner owner = new FakeLaneOwner();
        LaneContext<String> context =
                new LaneContext<>(sink, owner, window, Logs.refusals(), new BufferBudget(1 << 20, 1), counted, owner);
        return new BatchWriter<>(options.build(), context, gate, host);
    }

    <E extends TelemetryEvent> List<E> events(Class<E> kind) {
        return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /** Returns the ranges reported durable, in the order of the log. */
    List<OffsetRange> durable() {
        return host.durable.stream()
                .map(WrittenRange::range)
                .sorted(Comparator.comparing(OffsetRange::partition).thenComparing(OffsetRange::from))
                .toList();
    }

    Duration backOff(int attempt) {
        return events(TelemetryEvent.WriteRetried.class).get(attempt - 1).backoff();
    }
}
