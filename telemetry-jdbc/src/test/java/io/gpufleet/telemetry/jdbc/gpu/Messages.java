package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.PositionChange;
import io.gpufleet.telemetry.SinkContext;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.jdbc.Feed;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import java.util.List;
import java.util.Optional;

/** A partition of messages with many samples each. */
final class Messages {
    private static final LogId LOG = Feed.TOPIC_ID;

    private final PostgresSink<GpuSample> sink;
    private final SourcePartition partition;
    private long next;

    private Messages(PostgresSink<GpuSample> sink, SourcePartition partition) {
        this.sink = sink;
        this.partition = partition;
    }

    static Messages open(PostgresSink<GpuSample> sink, SourcePartition partition, String group) {
        sink.open(SinkContext.of(group, event -> {}));
        return at(sink, partition);
    }

    /** Starts another partition of an open sink. */
    static Messages at(PostgresSink<GpuSample> sink, SourcePartition partition) {
        sink.change(
                List.of(new PositionChange(partition, Optional.empty(), new Position(LOG, 0, -1), Optional.empty())));
        return new Messages(sink, partition);
    }

    /** Writes messages in one batch. */
    void write(List<List<GpuSample>> messages) {
        Batch.Builder<GpuSample> batch = Batch.<GpuSample>builder().open(partition, LOG, next);
        for (List<GpuSample> message : messages) {
            SourceRecord source = SourceRecord.builder(partition, next++)
                    .timestampMillis(message.get(0).time().toEpochMilli())
                    .value(new byte[] {1})
                    .build();
            for (int index = 0; index < message.size(); index++) {
                batch.add(Delivery.of(message.get(index), message.get(index).time(), source, index));
            }
        }
        sink.write(batch.build());
    }

    /** Writes one message. */
    void write(GpuSample... message) {
        write(List.of(List.of(message)));
    }
}
