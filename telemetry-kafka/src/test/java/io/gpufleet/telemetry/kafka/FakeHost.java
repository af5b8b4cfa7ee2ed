package io.gpufleet.telemetry.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A lane that does not wait, and notes its calls. */
final class FakeHost implements BatchWriter.Host {
    final List<Throwable> backOffs = new ArrayList<>();
    final List<Duration> waits = new ArrayList<>();
    final List<WrittenRange> durable = new ArrayList<>();
    final List<Generation> restarted = new ArrayList<>();
    Runnable duringBackOff = () -> {};
    int recovered;

    @Override
    public void backOff(Duration wait, Throwable cause) {
        backOffs.add(cause);
        duringBackOff.run();
    }

    @Override
    public void awaitRecords(Duration wait, Throwable cause) {
        waits.add(wait);
        duringBackOff.run();
    }

    @Override
    public void recovered() {
        recovered++;
    }

    @Override
    public void durable(List<WrittenRange> ranges) {
        durable.addAll(ranges);
    }

    @Override
    public void restart(List<Generation> generations) {
        generations.forEach(Generation::end);
        restarted.addAll(generations);
    }
}
