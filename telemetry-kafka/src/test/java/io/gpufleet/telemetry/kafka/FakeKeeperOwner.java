package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.Position;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A poll thread that notes the answers of a position keeper. Thread-safe. */
final class FakeKeeperOwner implements PositionKeeper.Owner {
    final List<String> answers = Collections.synchronizedList(new ArrayList<>());
    final List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());

    @Override
    public void resolved(PositionRequest request, Position position) {
        answers.add(request.partition() + " #" + request.ticket() + " @" + position.nextOffset());
    }

    @Override
    public void moved(List<RestingPosition> positions) {
        positions.forEach(position -> answers.add(position.partition() + " moved"));
    }

    @Override
    public void failed(Throwable cause) {
        failures.add(cause);
    }
}
