package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.Position;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/** Messages of other threads to the poll thread, which reads them between two polls. Thread-safe. */
final class Mailbox implements Lane.Owner, PositionKeeper.Owner, TopicWatch.Owner {
    private final Queue<Consumer<Assignments>> messages = new ConcurrentLinkedQueue<>();
    private final Consumer<Throwable> failures;

    /**
     * An empty mailbox.
     *
     * @param failures the receiver of the failure that ends the consumer, called at once
     */
    Mailbox(Consumer<Throwable> failures) {
        this.failures = failures;
    }

    @Override
    public void failed(Throwable cause) {
        failures.accept(cause);
    }

    @Override
    public void durable(List<WrittenRange> ranges) {
        messages.add(assignments -> assignments.written(ranges));
    }

    @Override
    public void restart(List<Generation> generations) {
        messages.add(assignments -> assignments.restart(generations));
    }

    @Override
    public void resolved(PositionRequest request, Position position) {
        messages.add(assignments -> assignments.begin(request, position));
    }

    @Override
    public void moved(List<RestingPosition> positions) {
        messages.add(assignments -> assignments.restartMoved(positions));
    }

    @Override
    public void topicsSeen(Map<String, UUID> ids) {
        messages.add(assignments -> assignments.restartOthersThan(ids));
    }

    /** Delivers all messages. Called by the poll thread. */
    void deliverTo(Assignments assignments) {
        for (Consumer<Assignments> message = messages.poll(); message != null; message = messages.poll()) {
            message.accept(assignments);
        }
    }
}
