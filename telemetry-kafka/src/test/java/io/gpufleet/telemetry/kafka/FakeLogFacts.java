package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.kafka.internal.LogEnd;
import io.gpufleet.telemetry.kafka.internal.LogFacts;
import io.gpufleet.telemetry.kafka.internal.TopicFacts;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Brokers with set facts. Not thread-safe. */
public final class FakeLogFacts implements LogFacts {
    public final Map<String, TopicFacts> topics = new HashMap<>();
    public final Set<String> unsettled = new HashSet<>();
    public final Map<SourcePartition, LogEnd> ends = new HashMap<>();
    public String clusterId = Logs.ID.clusterId();
    public int renewals;
    public boolean closed;

    @Override
    public String clusterId() {
        return clusterId;
    }

    @Override
    public Map<String, TopicFacts> describe(Collection<String> names) {
        Map<String, TopicFacts> found = new HashMap<>(topics);
        found.keySet().retainAll(names);
        return found;
    }

    @Override
    public Map<String, TopicFacts> describeSettled(Collection<String> names) {
        Map<String, TopicFacts> found = describe(names);
        found.keySet().removeAll(unsettled);
        return found;
    }

    @Override
    public Map<SourcePartition, Long> beginnings(Collection<SourcePartition> partitions) {
        Map<SourcePartition, Long> found = new HashMap<>();
        ends.keySet().stream().filter(partitions::contains).forEach(partition -> found.put(partition, 0L));
        return found;
    }

    @Override
    public Map<SourcePartition, LogEnd> ends(Collection<SourcePartition> partitions) {
        Map<SourcePartition, LogEnd> found = new HashMap<>(ends);
        found.keySet().retainAll(partitions);
        return found;
    }

    @Override
    public Map<SourcePartition, Long> highWatermarks(Collection<SourcePartition> partitions) {
        Map<SourcePartition, Long> found = new HashMap<>();
        ends(partitions).forEach((partition, end) -> found.put(partition, end.offset()));
        return found;
    }

    @Override
    public Optional<String> trouble() {
        return unsettled.stream().findFirst().map(topic -> topic + " is not settled");
    }

    @Override
    public void renew() {
        renewals++;
    }

    @Override
    public void close() {
        closed = true;
    }
}
