package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryListener;
import io.gpufleet.telemetry.internal.GuardedListener;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The dispatch of events to the host's listeners, with counts. A listener that throws is reported once, and disturbs
 * neither the consumer nor the other listeners. Thread-safe.
 */
final class Events implements TelemetryListener {
    private static final Logger log = LoggerFactory.getLogger(Events.class);

    private final List<GuardedListener> listeners;
    private final LongAdder polled = new LongAdder();
    private final LongAdder written = new LongAdder();
    private final LongAdder deadLetters = new LongAdder();
    private final LongAdder tombstones = new LongAdder();
    private final LongAdder filtered = new LongAdder();
    private final LongAdder rejected = new LongAdder();
    private final LongAdder repeated = new LongAdder();
    private final LongAdder noValues = new LongAdder();
    private final LongAdder duplicates = new LongAdder();
    private final LongAdder batches = new LongAdder();
    private final LongAdder retries = new LongAdder();
    private final LongAdder fences = new LongAdder();

    Events(List<TelemetryListener> listeners) {
        this.listeners = listeners.stream()
                .map(listener -> new GuardedListener(listener, log))
                .toList();
    }

    /** Returns the dispatch to a listener of the SDK, and then to those of the host. */
    static Events of(TelemetryListener first, List<TelemetryListener> listeners) {
        List<TelemetryListener> all = new ArrayList<>(listeners);
        all.add(0, first);
        return new Events(all);
    }

    @Override
    public void on(TelemetryEvent event) {
        count(event);
        listeners.forEach(listener -> listener.on(event));
    }

    private void count(TelemetryEvent event) {
        if (event instanceof TelemetryEvent.RecordsPolled poll) {
            polled.add(poll.records());
        } else if (event instanceof TelemetryEvent.BatchWritten batch) {
            batches.increment();
            written.add(batch.deliveries());
            deadLetters.add(batch.deadLetters());
        } else if (event instanceof TelemetryEvent.TombstonesSkipped skipped) {
            tombstones.add(skipped.count());
        } else if (event instanceof TelemetryEvent.ValuesFiltered passed) {
            filtered.add(passed.count());
        } else if (event instanceof TelemetryEvent.SamplesWritten samples) {
            rejected.add(samples.rejected());
            repeated.add(samples.repeated());
            noValues.add(samples.noValues());
        } else if (event instanceof TelemetryEvent.DuplicatesDropped dropped) {
            duplicates.add(dropped.count());
        } else if (event instanceof TelemetryEvent.WriteRetried) {
            retries.increment();
        } else if (event instanceof TelemetryEvent.PartitionsFenced) {
            fences.increment();
        }
    }

    ConsumerSnapshot.Counts counts() {
        return new ConsumerSnapshot.Counts(
                polled.sum(),
                written.sum(),
                duplicates.sum(),
                deadLetters.sum(),
                tombstones.sum(),
                filtered.sum(),
                rejected.sum(),
                repeated.sum(),
                noValues.sum(),
                batches.sum(),
                retries.sum(),
                fences.sum());
    }
}
