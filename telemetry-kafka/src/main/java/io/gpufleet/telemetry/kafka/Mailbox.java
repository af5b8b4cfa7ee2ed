package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.Position;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/** What other threads tell the poll thread; it reads the messages between two polls. Thread-safe. */
final class Mailbox {
    private final Queue<Consumer<Assignments>> messages = new ConcurrentLinkedQueue<>();

    void durable(List<WrittenRange> ranges) {
        messages.add(assignments -> assignments.written(ranges));
    }

    void restart(List<Generation> generations) {
        messages.add(assignments -> assignments.restart(generations));
    }

    void resolved(PositionRequest request, Position position) {
        messages.add(assignments -> assignments.begin(request, position));
    }

    void moved(List<RestingPosition> positions) {
        messages.add(assignments -> assignments.restartMoved(positions));
    }

    void topicsSeen(Map<String, UUID> ids) {
        messages.add(assignments -> assignments.restartOthersThan(ids));
    }

    /** Delivers all messages. Called by the poll thread. */
    void deliverTo(Assignments assignments) {
        for (Consumer<Assignments> message = messages.poll(); message != null; message = messages.poll()) {
            message.accept(assignments);
        }
    }
}
