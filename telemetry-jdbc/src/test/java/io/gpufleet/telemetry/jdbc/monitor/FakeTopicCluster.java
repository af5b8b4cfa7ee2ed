package io.gpufleet.telemetry.jdbc.monitor;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.TopicCluster;
import io.gpufleet.telemetry.jdbc.internal.Pace;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/** Topics in memory that gain records as time passes, which happens only in pauses. Belongs to one thread. */
final class FakeTopicCluster implements TopicCluster, Pace {
    private final Map<String, Topic> topics = new TreeMap<>();
    private final Map<String, Integer> perSecond = new TreeMap<>();
    final List<String> raised = new ArrayList<>();
    final List<Long> pauses = new ArrayList<>();
    Runnable duringPause = () -> {};
    private long nanos = Long.MAX_VALUE - 1;

    /** Creates or recreates a topic. */
    void topic(String name, int partitions, int recordsPerSecond) {
        topics.put(name, new Topic(UUID.randomUUID(), partitions, 0));
        perSecond.put(name, recordsPerSecond);
    }

    void drop(String name) {
        topics.remove(name);
    }

    /** Removes records from the end of a topic. */
    void lose(String name, long records) {
        add(name, -records);
    }

    int partitions(String name) {
        return topics.get(name).partitions();
    }

    void pass(int seconds) {
        nanos += seconds * 1_000_000_000L;
        topics.keySet().forEach(name -> add(name, (long) seconds * perSecond.get(name)));
    }

    private void add(String name, long records) {
        topics.computeIfPresent(
                name, (key, topic) -> new Topic(topic.id(), topic.partitions(), topic.endOffset() + records));
    }

    @Override
    public Map<String, Topic> read(Set<String> names) {
        Map<String, Topic> read = new TreeMap<>(topics);
        read.keySet().retainAll(names);
        return read;
    }

    @Override
    public void raisePartitions(String name, int partitions) {
        Topic topic = topics.get(name);
        if (topic == null) {
            throw new TelemetryException("no topic " + name);
        }
        raised.add(name + "=" + partitions);
        topics.put(name, new Topic(topic.id(), Math.max(partitions, topic.partitions()), topic.endOffset()));
    }

    @Override
    public long nanoTime() {
        return nanos;
    }

    @Override
    public boolean pause(long duration) {
        if (Thread.currentThread().isInterrupted()) {
            return false;
        }
        pauses.add(duration / 1_000_000_000L);
        duringPause.run();
        pass((int) (duration / 1_000_000_000L));
        return true;
    }
}
