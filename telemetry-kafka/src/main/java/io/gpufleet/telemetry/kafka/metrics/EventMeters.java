package io.gpufleet.telemetry.kafka.metrics;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.Gap;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryEvent.Activity;
import io.gpufleet.telemetry.TelemetryEvent.Severity;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** The meters of one consumer, all registered at the start and moved by its events. Thread-safe. */
final class EventMeters {
    private final MeterRegistry registry;
    private final Tags tags;
    private final Map<Class<?>, Consumer<TelemetryEvent>> actions = new HashMap<>();

    EventMeters(MeterRegistry registry, Tags tags) {
        this.registry = registry;
        this.tags = tags;
        countRecords();
        countSamples();
        measureWrites();
        countTrouble();
        countChanges();
        showStates();
    }

    void on(TelemetryEvent event) {
        Consumer<TelemetryEvent> action = actions.get(event.getClass());
        if (action != null) {
            action.accept(event);
        }
    }

    private <E extends TelemetryEvent> void when(Class<E> kind, Consumer<E> action) {
        actions.put(kind, event -> action.accept(kind.cast(event)));
    }

    private void countRecords() {
        Counter consumed = counter("records.consumed", "records", "records handed out by Kafka, tombstones included");
        Counter bytes = counter("records.bytes", "bytes", "keys, values and headers of the records consumed");
        when(TelemetryEvent.RecordsPolled.class, poll -> {
            consumed.increment(poll.records());
            bytes.increment((double) poll.bytes());
        });
        Counter tombstones = counter("tombstones", "records", "records without a value");
        when(TelemetryEvent.TombstonesSkipped.class, skipped -> tombstones.increment(skipped.count()));
        Counter filtered = counter("filtered", "records", "values rejected by the host's filter");
        when(TelemetryEvent.ValuesFiltered.class, passed -> filtered.increment(passed.count()));
        when(
                TelemetryEvent.RowsLeftOut.class,
                left -> counter(
                                "rows.left.out",
                                "rows",
                                "rows of days that are not kept",
                                Tags.of("table", left.table()))
                        .increment(left.count()));
        Consumer<DeadLetter.Stage> letters =
                counters("dead.letters", "records", "dead-lettered records", "stage", DeadLetter.Stage.class);
        when(
                TelemetryEvent.RecordRefused.class,
                refused -> letters.accept(refused.deadLetter().stage()));
    }

    private void countSamples() {
        Counter stored = samples("stored", "values written, duplicates included");
        Counter rejected = samples("rejected", "refused values, in dead letters or counted only");
        Counter repeated = samples("repeated", "refused values counted only, the same as a dead-lettered one");
        Counter noValue = samples("no_value", "rows whose source had no value to report");
        when(TelemetryEvent.SamplesWritten.class, samples -> {
            stored.increment(samples.stored());
            rejected.increment(samples.rejected());
            repeated.increment(samples.repeated());
            noValue.increment(samples.noValues());
        });
        Counter dropped = counter("duplicates.dropped", "records", "values that were stored already");
        Counter duplicate = samples("duplicate", "values that were stored already");
        Counter conflict = samples("conflict", "values with the key of a stored one that has another value");
        when(TelemetryEvent.DuplicatesDropped.class, duplicates -> {
            dropped.increment(duplicates.count());
            duplicate.increment(duplicates.count() - duplicates.conflicts());
            conflict.increment(duplicates.conflicts());
        });
    }

    private Counter samples(String fate, String description) {
        return counter("samples." + fate, "samples", description);
    }

    private void measureWrites() {
        Counter written =
                counter("records.written", "records", "values written, one or more a record, duplicates included");
        DistributionSummary sizes = DistributionSummary.builder("telemetry.batch.size")
                .description("records of a batch; none if only a position moves")
                .baseUnit("records")
                .tags(tags)
                .register(registry);
        Timer times = Timer.builder("telemetry.write.time")
                .description("duration of the write of a batch")
                .publishPercentileHistogram()
                .tags(tags)
                .register(registry);
        when(TelemetryEvent.BatchWritten.class, batch -> {
            written.increment(batch.deliveries());
            sizes.record(batch.records());
            // A batch found durable after a lost reply has no duration.
            if (!batch.duration().isZero()) {
                times.record(batch.duration());
            }
        });
    }

    private void countTrouble() {
        Counter retries = counter("retries", "writes", "retries of failed writes");
        when(TelemetryEvent.WriteRetried.class, retried -> retries.increment());
        Counter fenced =
                counter("writes.fenced", "writes", "writes refused because a stored position was not the expected one");
        when(TelemetryEvent.PartitionsFenced.class, fence -> fenced.increment());
        Consumer<Gap.Reason> gaps =
                counters("gaps", "gaps", "moves of a position without consuming", "reason", Gap.Reason.class);
        when(
                TelemetryEvent.GapRecorded.class,
                recorded -> gaps.accept(recorded.gap().reason()));
    }

    private void countChanges() {
        Counter settings = counter("settings.changed", "settings", "changed settings");
        when(TelemetryEvent.SettingChanged.class, changed -> settings.increment());
        Counter clients = counter("clients.replaced", "clients", "Kafka clients replaced by one with other settings");
        when(TelemetryEvent.ClientReplaced.class, replaced -> clients.increment());
    }

    private void showStates() {
        AtomicReference<Severity> severity =
                states("lag.alarm", "1 for the severity of the lag", "severity", Severity.NONE);
        when(TelemetryEvent.LagAlarm.class, alarm -> severity.set(alarm.severity()));
        AtomicReference<Activity> activity =
                states("activity", "1 for the activity of the consumer", "activity", Activity.ACTIVE);
        when(TelemetryEvent.ActivityChanged.class, changed -> activity.set(changed.activity()));
        StallGauges stalls = new StallGauges(registry, tags);
        when(TelemetryEvent.PartitionStalled.class, stalled -> stalls.stalled(stalled.partition(), stalled.stall()));
        when(TelemetryEvent.PartitionResumed.class, resumed -> stalls.resumed(resumed.partition(), resumed.stall()));
        LagGauges lag = new LagGauges(registry, tags);
        when(TelemetryEvent.PartitionsAssigned.class, assigned -> lag.assigned(assigned.partitions()));
        when(TelemetryEvent.PartitionsRevoked.class, revoked -> {
            lag.revoked(revoked.partitions());
            stalls.revoked(revoked.partitions());
        });
        when(TelemetryEvent.LagMeasured.class, lag::measured);
        when(TelemetryEvent.ConsumerStopped.class, stopped -> {
            // A consumer reports changes only.
            severity.set(Severity.NONE);
            activity.set(Activity.ACTIVE);
            lag.clear();
            stalls.clear();
        });
    }

    private Counter counter(String name, String unit, String description) {
        return counter(name, unit, description, Tags.empty());
    }

    private Counter counter(String name, String unit, String description, Tags more) {
        return Counter.builder("telemetry." + name)
                .description(description)
                .baseUnit(unit)
                .tags(tags.and(more))
                .register(registry);
    }

    /** Registers a counter for each constant. */
    private <E extends Enum<E>> Consumer<E> counters(
            String name, String unit, String description, String key, Class<E> kinds) {
        Map<E, Counter> counters = new EnumMap<>(kinds);
        for (E kind : kinds.getEnumConstants()) {
            counters.put(kind, counter(name, unit, description, tag(key, kind)));
        }
        return kind -> requireNonNull(counters.get(kind)).increment();
    }

    /** Registers a gauge for each constant, which is 1 for the current one and 0 for the others. */
    private <E extends Enum<E>> AtomicReference<E> states(String name, String description, String key, E initial) {
        AtomicReference<E> current = new AtomicReference<>(initial);
        for (E kind : initial.getDeclaringClass().getEnumConstants()) {
            Gauge.builder("telemetry." + name, current, state -> state.get() == kind ? 1 : 0)
                    .description(description)
                    .tags(tags.and(tag(key, kind)))
                    .register(registry);
        }
        return current;
    }

    private static Tags tag(String key, Enum<?> kind) {
        return Tags.of(key, kind.name().toLowerCase(Locale.ROOT));
    }
}
