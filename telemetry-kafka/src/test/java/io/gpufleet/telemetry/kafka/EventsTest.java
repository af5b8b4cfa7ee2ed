package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EventsTest {
    private final List<TelemetryEvent> heard = new ArrayList<>();

    @Test
    void on_countsAndPassesEverythingOn() {
        Events events = new Events(List.of(heard::add));
        Set<SourcePartition> partitions = Set.of(Logs.partition(0));
        List<TelemetryEvent> all = List.of(
                new TelemetryEvent.PartitionsAssigned(partitions),
                new TelemetryEvent.RecordsPolled(9, 100),
                new TelemetryEvent.RecordsPolled(1, 10),
                new TelemetryEvent.BatchWritten(5, 2, Duration.ZERO),
                new TelemetryEvent.BatchWritten(1, 0, Duration.ZERO),
                new TelemetryEvent.TombstonesSkipped(3),
                new TelemetryEvent.ValuesFiltered(7),
                new TelemetryEvent.SamplesWritten(6, 15, 14, Map.of("no value", 13, "other metric", 1)),
                new TelemetryEvent.DuplicatesDropped(4),
                new TelemetryEvent.WriteRetried(1, Duration.ZERO, new IllegalStateException()),
                new TelemetryEvent.PartitionsFenced(partitions),
                new TelemetryEvent.ConsumerStopped(0, Optional.empty()));

        all.forEach(events::on);

        assertThat(heard).isEqualTo(all);
        assertThat(events.counts()).isEqualTo(new ConsumerSnapshot.Counts(10, 6, 4, 2, 3, 7, 15, 14, 13, 2, 1, 1));
    }

    @Test
    void on_reportsAListenerThatThrowsOnce() {
        Events events = new Events(List.of(event -> {
            heard.add(event);
            throw new IllegalStateException("a defect of the host");
        }));

        try (CapturedLog log = new CapturedLog(Events.class)) {
            for (int i = 0; i < 3; i++) {
                events.on(new TelemetryEvent.TombstonesSkipped(1));
            }

            assertThat(log.linesWith("Listener threw an exception")).hasSize(1);
        }
        assertThat(heard).hasSize(3);
        assertThat(events.counts().tombstones()).isEqualTo(3);
    }

    @Test
    void on_passesAnEventOnBehindAListenerThatThrows() {
        Events events = new Events(List.of(
                event -> {
                    throw new IllegalStateException("a defect of the host");
                },
                heard::add));

        try (CapturedLog log = new CapturedLog(Events.class)) {
            events.on(new TelemetryEvent.TombstonesSkipped(1));

            assertThat(heard).hasSize(1);
            assertThat(log.linesWith("Listener threw")).hasSize(1);
        }
    }
}
