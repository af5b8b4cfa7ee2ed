package io.gpufleet.telemetry.kafka;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Health.Concern;
import io.gpufleet.telemetry.Health.Trouble;
import io.gpufleet.telemetry.PartitionLag;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryEvent.Stall;
import io.gpufleet.telemetry.internal.StopSignal;
import io.gpufleet.telemetry.kafka.internal.Answers;
import io.gpufleet.telemetry.kafka.internal.LogEnd;
import io.gpufleet.telemetry.kafka.internal.TopicAdmin;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The measurement of the consumer's lag every few seconds, from its positions and the ends of the logs, with alarms.
 * {@link #run} has a thread of its own; everything else may be called by any thread.
 */
final class LagWatch implements Runnable {
    private static final Duration INTERVAL = Duration.ofSeconds(5);

    /** The watched consumer. Called by the watch's thread. */
    interface Subject {
        Map<SourcePartition, ConsumerSnapshot.PartitionProgress> progress();

        ActivityAlarm.Work work();

        /** The longest time for which messages may be held on purpose. */
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
    private final StopSignal stop = new StopSignal();
    private boolean hadPartitions;
    private volatile TelemetryEvent.@Nullable LagAlarm lag;
    private volatile TelemetryEvent.@Nullable ActivityChanged activity;
    private volatile List<Trouble> standstills = List.of();
    private final OpenTransactions transactions;
    private final Advice advice;
    private volatile Map<SourcePartition, LogEnd> lastEnds = Map.of();
    private volatile List<Trouble> unasked = List.of();
    private volatile Map<SourcePartition, PartitionLag.OpenTransaction> held = Map.of();
    private volatile Map<SourcePartition, String> stalls = Map.of();

    LagWatch(Subject subject, TopicAdmin admin, Events events, ConsumerOptions<?> options) {
        this.subject = subject;
        this.admin = admin;
        this.events = events;
        this.clock = Clock.systemUTC();
        this.nanoTime = options.nanoTime();
        this.lagAlarm = new LagAlarm(options.alarms());
        this.activityAlarm = new ActivityAlarm(options.alarms(), nanoTime.getAsLong());
        this.standstillAlarm = new StandstillAlarm(options.alarms().stuckAfter());
        this.transactions = new OpenTransactions(options.alarms().stuckAfter());
        this.advice = Advice.of(options);
    }

    @Override
    public void run() {
        while (stop.pause(INTERVAL)) {
            runOnce();
        }
    }

    /** Measures once; partitions without an answer are not measured, but named. */
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
            measure(progress);
        } catch (TopicAdmin.ClusterException e) {
            unasked = List.of(new Trouble(Concern.CLUSTER, String.valueOf(e.getMessage())));
        }
    }

    /** Skips one measurement for a rebalance, then clears the lag: it is another consumer's. */
    private void withoutPartitions() {
        if (!hadPartitions) {
            judge(new TelemetryEvent.LagMeasured(clock.instant(), Map.of()));
            tellStalls(Map.of());
        }
        hadPartitions = false;
        unasked = List.of();
        held = Map.of();
    }

    /** Measures the partitions with an answer, and judges the others by their last measurement. */
    private void measure(Map<SourcePartition, ConsumerSnapshot.PartitionProgress> progress) {
        Answers<SourcePartition, Long> highWatermarks = admin.highWatermarks(progress.keySet());
        Answers<SourcePartition, LogEnd> ends = admin.ends(progress.keySet());
        unasked = unasked(ends);
        lastEnds = lastEnds(progress.keySet(), ends.known());
        transactions.measured(nanoTime.getAsLong(), clock.instant(), lastEnds, highWatermarks.known());
        held = transactions.all();
        tellStalls(transactions.tooLong(nanoTime.getAsLong()));
        TelemetryEvent.LagMeasured measured = lags(progress, ends.known());
        if (!measured.partitions().isEmpty()) {
            events.on(measured);
        }
        judge(lags(progress, lastEnds));
    }

    private Map<SourcePartition, LogEnd> lastEnds(
            Set<SourcePartition> partitions, Map<SourcePartition, LogEnd> measured) {
        Map<SourcePartition, LogEnd> ends = new HashMap<>(lastEnds);
        ends.keySet().retainAll(partitions);
        ends.putAll(measured);
        return Map.copyOf(ends);
    }

    /** Returns the troubles of partitions without an answer, or of the cluster if none has one. */
    private static List<Trouble> unasked(Answers<SourcePartition, LogEnd> ends) {
        Concern concern = ends.known().isEmpty() ? Concern.CLUSTER : Concern.PARTITION;
        return ends.failures().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(failed -> new Trouble(
                        concern,
                        concern == Concern.CLUSTER ? "" : failed.getKey().toString(),
                        "lag: " + failed.getValue().getMessage()))
                .toList();
    }

    private void judge(TelemetryEvent.LagMeasured measured) {
        lagAlarm.measured(nanoTime.getAsLong(), measured).ifPresent(this::tell);
        standstills = standstillAlarm.measured(nanoTime.getAsLong(), measured);
    }

    private TelemetryEvent.LagMeasured lags(
            Map<SourcePartition, ConsumerSnapshot.PartitionProgress> progress, Map<SourcePartition, LogEnd> ends) {
        Instant now = clock.instant();
        Map<SourcePartition, PartitionLag> lags = new HashMap<>();
        progress.forEach((partition, reached) -> {
            LogEnd end = ends.get(partition);
            if (end != null) {
                lags.put(partition, lag(reached.with(Optional.ofNullable(held.get(partition))), end, now));
            }
        });
        return new TelemetryEvent.LagMeasured(now, Map.copyOf(lags));
    }

    private static PartitionLag lag(ConsumerSnapshot.PartitionProgress reached, LogEnd end, Instant now) {
        boolean atTheEnd = reached.durableOffset() >= end.offset()
                && reached.openTransaction().isEmpty();
        Optional<Duration> age = atTheEnd
                ? Optional.of(Duration.ZERO)
                : reached.writtenUpTo()
                        .map(written -> Duration.between(written, now))
                        .map(behind -> behind.isNegative() ? Duration.ZERO : behind);
        return new PartitionLag(reached.durableOffset(), end.offset(), age, reached.openTransaction());
    }

    /** Reports changes in the transactions that are open for too long. */
    private void tellStalls(Map<SourcePartition, OpenTransactions.Open> now) {
        Map<SourcePartition, String> before = stalls;
        Map<SourcePartition, String> reasons = new TreeMap<>(Comparator.comparing(SourcePartition::toString));
        now.forEach((partition, open) -> reasons.put(partition, advice.openTransaction(partition, open)));
        stalls = reasons;
        now.forEach((partition, open) -> {
            if (!before.containsKey(partition)) {
                events.on(new TelemetryEvent.PartitionStalled(
                        partition, open.startOffset(), Stall.OPEN_TRANSACTION, requireNonNull(reasons.get(partition))));
            }
        });
        before.keySet().stream()
                .filter(partition -> !now.containsKey(partition) && lastEnds.containsKey(partition))
                .forEach(
                        partition -> events.on(new TelemetryEvent.PartitionResumed(partition, Stall.OPEN_TRANSACTION)));
    }

    /** Returns the open transactions, as measured last. */
    Map<SourcePartition, PartitionLag.OpenTransaction> openTransactions() {
        return held;
    }

    private void tell(TelemetryEvent.LagAlarm alarm) {
        lag = alarm;
        events.on(alarm);
    }

    private void tell(TelemetryEvent.ActivityChanged change) {
        activity = change;
        events.on(change);
    }

    /** Returns the raised alarms, without those that are over since the last measurement. */
    List<Trouble> troubles() {
        List<Trouble> troubles = new ArrayList<>();
        lagNow().ifPresent(troubles::add);
        activityNow().ifPresent(troubles::add);
        troubles.addAll(standstills);
        stalls.forEach(
                (partition, reason) -> troubles.add(new Trouble(Concern.PARTITION, partition.toString(), reason)));
        troubles.addAll(unasked);
        return troubles;
    }

    private Optional<Trouble> lagNow() {
        TelemetryEvent.LagAlarm raised = lag;
        if (raised == null || raised.severity() == TelemetryEvent.Severity.NONE) {
            return Optional.empty();
        }
        Map<SourcePartition, ConsumerSnapshot.PartitionProgress> progress = subject.progress();
        TelemetryEvent.LagAlarm now = progress.isEmpty() ? raised : lagAlarm.now(messages(progress));
        return now.severity() == TelemetryEvent.Severity.NONE
                ? Optional.empty()
                : Optional.of(new Trouble(Concern.LAG, "lag: " + now.reason()));
    }

    /** Returns the messages before the ends that were measured, or that the client has seen since. */
    private long messages(Map<SourcePartition, ConsumerSnapshot.PartitionProgress> progress) {
        Map<SourcePartition, LogEnd> ends = lastEnds;
        return progress.entrySet().stream()
                .mapToLong(entry -> {
                    LogEnd end = ends.get(entry.getKey());
                    ConsumerSnapshot.PartitionProgress reached = entry.getValue();
                    long measured = end == null ? 0 : end.offset() - reached.durableOffset();
                    return Math.max(Math.max(0, measured), reached.lag().orElse(0));
                })
                .sum();
    }

    private Optional<Trouble> activityNow() {
        TelemetryEvent.ActivityChanged change = activity;
        if (change == null
                || change.activity() == TelemetryEvent.Activity.ACTIVE
                || activityAlarm.isOver(change.activity(), subject.work())) {
            return Optional.empty();
        }
        long seconds = change.since().toSeconds();
        return Optional.of(
                change.activity() == TelemetryEvent.Activity.STUCK
                        ? new Trouble(
                                Concern.STUCK,
                                "stuck: nothing that was consumed has been written for more than " + seconds + " s")
                        : new Trouble(Concern.INACTIVE, "inactive: no message for more than " + seconds + " s"));
    }

    void close() {
        stop.raise();
    }
}
