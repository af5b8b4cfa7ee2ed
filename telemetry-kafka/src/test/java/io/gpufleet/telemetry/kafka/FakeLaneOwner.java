package io.gpufleet.telemetry.kafka;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** A consumer that notes the reports of its lanes. Thread-safe. */
final class FakeLaneOwner implements Lane.Owner, TopicIds {
    final List<WrittenRange> durable = Collections.synchronizedList(new ArrayList<>());
    final List<Generation> restarted = Collections.synchronizedList(new ArrayList<>());
    final List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    final List<Long> askedSince = Collections.synchronizedList(new ArrayList<>());
    volatile Optional<UUID> topicId = Optional.of(Logs.ID.topicId());

    @Override
    public void durable(List<WrittenRange> ranges) {
        durable.addAll(ranges);
    }

    @Override
    public void restart(List<Generation> generations) {
        restarted.addAll(generations);
    }

    @Override
    public Optional<UUID> idSince(String topic, long nanos) {
        askedSince.add(nanos);
        return topicId;
    }

    @Override
    public void failed(Throwable cause) {
        failures.add(cause);
    }
}
