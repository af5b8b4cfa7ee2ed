package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.PartitionLag;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.internal.Rests;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Measures how far the consumer is behind, every few seconds, from its own positions and the ends of the logs, and
 * raises alarms about it. Runs on a thread of its own; everything else may be called by any thread.
 */
final class LagWatch implements Runnable {
    private static final Duration INTERVAL = Duration.ofSeconds(5);

    /** What is watched. Called by the watch's thread. */
    interface Subject {
        Map<SourcePartition, ConsumerSnapshot.PartitionProgress> progress();

        ActivityAlarm.Work work();

        /** How long messages may be held on purpose. */
        Duration linger();
    }

    private final Subject subject;
    private final TopicAdmin admin;
    private final Events events;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final LagAlarm lagAlarm;
    private final ActivityAlarm activityAlarm;
    private final StandstillAlarm standstillAlarm;
    private final Rests rests = new Rests();
    private boolean hadPartitions;
    private volatile TelemetryEvent.@Nullable LagAlarm lag;
    private volatile TelemetryEvent.@Nullable ActivityChanged activity;
    private volatile List<String> standstills = List.of();

    LagWatch(Subject subject, TopicAdmin admin, Events events, ConsumerOptions<?> options) {
        this.subject = subject;
        this.admin = admin;
        this.events = events;
        this.clock = Clock.systemUTC();
        this.nanoTime = options.nanoTime();
        this.lagAlarm = new LagAlarm(options.alarms());
        this.activityAlarm = new ActivityAlarm(options.alarms(), nanoTime.getAsLong());
        this.standstillAlarm = new StandstillAlarm(options.alarms().stuckAfter());
    }

    @Override
    public void run() {
        while (rests.rest(INTERVAL)) {
            runOnce();
        }
    }

    /** Measures once. A cluster that does not answer is not measured, and shows elsewhere. */
    void runOnce() {
        Map<SourcePartition, ConsumerSnapshot.PartitionProgress> progress = subject.progress();
        activityAlarm
                .done(nanoTime.getAsLong(), subject.work(), subject.linger())
                .ifPresent(this::tell);
        if (progress.isEmpty()) {
            withoutPartitions();
            return;
        }
        hadPartitions = true;
        try {
            TelemetryEvent.LagMeasured measured = measure(progress, admin.ends(progress.keySet()));
            events.on(measured);
            judge(measured);
        } catch (TopicAdmin.ClusterException e) {
            // TopicWatch says so.
        }
    }

    /** A rebalance is waited for; then the lag is somebody else's. */
    private void withoutPartitions() {
        if (!hadPartitions) {
            judge(new TelemetryEvent.LagMeasured(clock.instant(), Map.of()));
        }
        hadPartitions = false;
    }

    private void judge(TelemetryEvent.LagMeasured measured) {
        lagAlarm.measured(nanoTime.getAsLong(), measured).ifPresent(this::tell);
        standstills = standstillAlarm.measured(nanoTime.getAsLong(), measured);
    }

    private TelemetryEvent.LagMeasured measure(
            Map<SourcePartition, ConsumerSnapshot.PartitionProgress> progress, Map<SourcePartition, LogEnd> ends) {
        Instant now = clock.instant();
        Map<SourcePartition, PartitionLag> lags = new HashMap<>();
        progress.forEach((partition, reached) -> {
            LogEnd end = ends.get(partition);
            if (end != null) {
                lags.put(partition, lag(reached, end, now));
            }
        });
        return new TelemetryEvent.LagMeasured(now, Map.copyOf(lags));
    }

    private static PartitionLag lag(ConsumerSnapshot.PartitionProgress reached, LogEnd end, Instant now) {
        Optional<Duration> age = reached.durableOffset() >= end.offset()
                ? Optional.of(Duration.ZERO)
                : reached.writtenUpTo()
                        .map(written -> Duration.between(written, now))
                        .map(behind -> behind.isNegative() ? Duration.ZERO : behind);
        return new PartitionLag(reached.durableOffset(), end.offset(), age);
    }

    private void tell(TelemetryEvent.LagAlarm alarm) {
        lag = alarm;
        events.on(alarm);
    }

    private void tell(TelemetryEvent.ActivityChanged change) {
        activity = change;
        events.on(change);
    }

    /** Tells what is worth an alarm now. */
    List<String> troubles() {
        List<String> troubles = new ArrayList<>();
        TelemetryEvent.LagAlarm alarm = lag;
        if (alarm != null && alarm.severity() != TelemetryEvent.Severity.NONE) {
            troubles.add("lag: " + alarm.reason());
        }
        TelemetryEvent.ActivityChanged change = activity;
        if (change != null && change.activity() == TelemetryEvent.Activity.STUCK) {
            troubles.add("stuck: nothing that was consumed has been written for more than "
                    + change.since().toSeconds() + " s");
        }
        if (change != null && change.activity() == TelemetryEvent.Activity.INACTIVE) {
            troubles.add("inactive: no message for more than " + change.since().toSeconds() + " s");
        }
        troubles.addAll(standstills);
        return troubles;
    }

    void close() {
        rests.end();
    }
}
