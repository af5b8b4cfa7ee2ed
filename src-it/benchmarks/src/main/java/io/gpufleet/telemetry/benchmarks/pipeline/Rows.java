package io.gpufleet.telemetry.benchmarks.pipeline;

import java.util.List;

/** The rows of the table, in their order. */
final class Rows {
    private Rows() {}

    /** Returns all rows, with the product's settings for a backlog. */
    static List<Contestant> of(BacklogSettings backlog) {
        return List.of(
                new PollOnly(),
                new ConsumerOnly(backlog),
                new SinkOnly(backlog),
                new ServerLimit(backlog),
                new EndToEnd(backlog),
                new UsualConsumer(),
                SpringBatch.plain(backlog.lanes()),
                SpringBatch.folding(backlog.lanes()),
                new WithPositions(),
                new WithoutPositions(),
                new OursHeartbeatOnly(backlog),
                new ConnectSink());
    }
}
