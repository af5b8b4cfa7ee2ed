package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.SourcePartition;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** A consumer that writes down the positions that its assignments ask for. For one thread. */
record AskedPositions(List<PositionRequest> asked) implements Assignments.Owner {
    @Override
    public void ask(List<PositionRequest> requests) {
        asked.addAll(requests);
    }

    @Override
    public void forget(Set<SourcePartition> partitions) {}

    @Override
    public void settle(Set<SourcePartition> partitions, Duration limit) {}

    @Override
    public void logReplaced() {}
}
