package io.gpufleet.telemetry.kafka;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.FailurePolicy;
import io.gpufleet.telemetry.FencedException;
import io.gpufleet.telemetry.OffsetRange;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.RecordCounts;
import io.gpufleet.telemetry.RefusedException;
import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SinkException.Kind;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.TransactionalSink;
import io.gpufleet.telemetry.internal.RecordReader;
import io.gpufleet.telemetry.kafka.Bisection.Attempt;
import io.gpufleet.telemetry.kafka.Bisection.Outcome;
import java.time.Duration;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The writer of one batch at a time, until every part of it is durable or belongs to another consumer: retries
 * transient failures, leaves out fenced partitions, bisects around refused rows, and throws when retrying cannot help.
 * Owned by its lane.
 */
final class BatchWriter<T> implements Bisection.Writer<T> {
    private static final int FAILURES_BEFORE_HALVING = 3;

    /** The longest wait of a record refused alone for another record that shows whether the fault is its own. */
    private static final Duration LONGEST_ALONE = Duration.ofSeconds(10);

    /** The longest pause before a recovery is noticed; the first pauses are shorter. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    /** The lane, as seen by its writer. */
    interface Host {
        /** Waits; throws {@link LaneAbortedException} when the consumer has stopped. */
        void backOff(Duration wait, Throwable cause);

        /** Waits like {@link #backOff}, but takes records meanwhile, and ends when there are some. */
        void awaitRecords(Duration wait, Throwable cause);

        /** Reports that writes succeed (again). */
        void recovered();

        /** Reports durable ranges of partitions. */
        void durable(List<WrittenRange> ranges);

        /** Requests the stored positions of partitions that were moved elsewhere. */
        void restart(List<Generation> generations);
    }

    private final TransactionalSink<T> sink;
    private final RecordReader<T> reader;
    private final LaneGate gate;
    private final RetryPolicy retry;
    private final FailurePolicy failure;
    private final DeadLetterWindow window;
    private final RandomGenerator random;
    private final Events events;
    private final Host host;

    private final IdentityHashMap<DeadLetter, DeadLetter> excerpts = new IdentityHashMap<>();
    private Map<SourcePartition, Generation> generations = Map.of();
    private SinkException refusal = new SinkException(Kind.DATA, "nothing was refused");
    private long rowsWritten;
    private long recordsWritten;
    private int interruptions;

    /** The wait of several refused records in a row, halved down to a second after each wait in vain. */
    private Duration patience = LONGEST_ALONE;

    private Duration paused = Duration.ZERO;
    private UndecidedRecords undecidedRecords = new UndecidedRecords();

    BatchWriter(ConsumerOptions<T> options, LaneContext<T> context, LaneGate gate, Host host) {
        this.sink = context.sink();
        this.reader = options.reader();
        this.retry = options.retry();
        this.failure = options.failurePolicy();
        this.random = RandomGenerator.getDefault();
        this.gate = gate;
        this.window = context.window();
        this.events = context.events();
        this.host = host;
    }

    /**
     * Writes a batch.
     *
     * @return false if it keeps refused records that may or may not be at fault: the caller writes them again, with
     *     more records if there are any
     */
    boolean write(PendingBatch<T> pending) {
        long before = recordsWritten;
        try {
            boolean taken = write(pending, new Bisection<>(this));
            if (taken) {
                excerpts.clear();
            }
            return taken;
        } finally {
            pending.written(recordsWritten - before);
        }
    }

    private boolean write(PendingBatch<T> pending, Bisection<T> bisection) {
        generations = pending.generations();
        long before = rowsWritten;
        Optional<Batch<T>> undecided = bisection.write(pending.build());
        undecidedRecords.someAccepted |= rowsWritten > before;
        if (undecided.isPresent() && isWaitedFor(bisection, undecided.get())) {
            pending.keep(undecided.get());
            return false;
        }
        undecidedRecords = new UndecidedRecords();
        return true;
    }

    @Override
    public boolean pause(int round) {
        Duration wait = LONGEST_PAUSE.dividedBy(round < 4 ? 10 >> round : 1);
        paused = round == 0 ? wait : paused.plus(wait);
        if (paused.compareTo(patience) > 0) {
            paused = Duration.ZERO;
            patience = patience.compareTo(LONGEST_PAUSE) > 0 ? patience.dividedBy(2) : patience;
            return false;
        }
        host.backOff(wait, refusal);
        return true;
    }

    @Override
    public Batch<T> setAside(Batch<T> part) {
        return part.refuse(String.valueOf(refusal.getMessage()));
    }

    @Override
    public boolean areTooMany(Batch<T> part) {
        int letters = part.deadLetters().size();
        return letters >= failure.minRecords() || window.wouldPass(letters, letters);
    }

    /** Writes a part until it is durable, refused, or too large. */
    @Override
    public Attempt<T> attempt(Batch<T> part, boolean undecided) {
        Batch<T> rest = part;
        Attempts attempts = new Attempts(undecided ? interruptions : 0);
        long before = rowsWritten;
        while (true) {
            try {
                if (attempts.outcomeUnknown) {
                    rest = withoutDurable(rest);
                    attempts.outcomeUnknown = false;
                    if (undecided && attempts.waited) {
                        interruptions = attempts.failures;
                        return new Attempt<>(rowsWritten > before ? Outcome.WRITTEN : Outcome.INTERRUPTED, rest);
                    }
                }
                if (undecided && isFlood(rest)) {
                    return new Attempt<>(Outcome.TOO_LARGE, rest);
                }
                writeOnce(rest, undecided);
                host.recovered();
                interruptions = undecided ? 0 : interruptions;
                if (!paused.isZero()) {
                    patience = LONGEST_ALONE;
                    paused = Duration.ZERO;
                }
                return new Attempt<>(rowsWritten > before ? Outcome.WRITTEN : Outcome.GONE, rest);
            } catch (FencedException e) {
                rest = withoutFenced(rest, e);
            } catch (RefusedException e) {
                rest = rest.refuse(reader.refused(e.deadLetters()));
            } catch (SinkException e) {
                if (blamesRecords(e) && !rest.deliveries().isEmpty()) {
                    refusal = e;
                    return new Attempt<>(e.kind() == Kind.DATA ? Outcome.REFUSED : Outcome.PERHAPS_REFUSED, rest);
                }
                if (attempts.showTooLarge(e) && rest.isDivisible()) {
                    return new Attempt<>(Outcome.TOO_LARGE, rest);
                }
                attempts.waited |= e.kind() == Kind.TRANSIENT;
                backOff(attempts.failed(e.kind().isTransient()), attempts, e);
            } catch (LaneAbortedException | TelemetryException e) {
                throw e;
            } catch (RuntimeException e) {
                backOff(attempts.failed(false), attempts, e);
            }
        }
    }

    /** Returns the same excerpt at each attempt, by which a dead-letter sink recognises acknowledged letters. */
    private DeadLetter excerpt(DeadLetter letter) {
        return letter.isPartial() ? excerpts.computeIfAbsent(letter, reader::excerpt) : letter;
    }

    private static boolean blamesRecords(SinkException e) {
        return e.kind() == Kind.DATA || e.kind() == Kind.FATAL_PERHAPS_DATA;
    }

    /** The failures of one part so far. */
    private static final class Attempts {
        private int failures;
        private int fatalFailures;
        private int tooLargeFailures;
        private boolean outcomeUnknown;
        private boolean waited;

        /** Continues with the failures before an interruption. */
        Attempts(int failures) {
            this.failures = failures;
        }

        int failed(boolean isTransient) {
            outcomeUnknown |= isTransient;
            fatalFailures += isTransient ? 0 : 1;
            return ++failures;
        }

        boolean showTooLarge(SinkException e) {
            tooLargeFailures += e.kind() == Kind.TRANSIENT_PERHAPS_TOO_LARGE ? 1 : 0;
            return tooLargeFailures >= FAILURES_BEFORE_HALVING;
        }
    }

    /**
     * Writes the partitions that this consumer still owns; undecided records only beside a row that can decide them.
     */
    private void writeOnce(Batch<T> batch, boolean undecided) {
        Batch<T> current = gate.enter(batch, generations);
        try {
            if (current.ranges().isEmpty() || (undecided && current.deliveries().isEmpty())) {
                return;
            }
            refuseFlood(current);
            long begun = System.nanoTime();
            Batch<T> written = current.replaceDeadLetters(this::excerpt);
            sink.write(written);
            written(written, Duration.ofNanos(System.nanoTime() - begun));
        } finally {
            gate.leave();
        }
    }

    private boolean isFlood(Batch<T> batch) {
        return window.wouldPass(batch.records(), batch.refusedRecords());
    }

    private void refuseFlood(Batch<T> batch) {
        if (isFlood(batch)) {
            throw new TelemetryException("More than " + Math.round(failure.maxDeadLetterShare() * 100)
                    + " % of the last " + failure.window() + " records (of at least " + failure.minRecords()
                    + ") would be dead letters; " + newest(batch.deadLetters()));
        }
    }

    private static String newest(List<DeadLetter> letters) {
        if (letters.isEmpty()) {
            return "all of the batch have faults of kinds that other records have dead letters of";
        }
        DeadLetter newest = letters.get(letters.size() - 1);
        return "the newest: " + newest.source() + ": " + newest.reasons();
    }

    private void written(Batch<T> batch, Duration duration) {
        rowsWritten += batch.values();
        recordsWritten += batch.records();
        window.record(batch.records(), batch.refusedRecords());
        List<WrittenRange> ranges = batch.ranges().stream()
                .map(range -> new WrittenRange(requireNonNull(generations.get(range.partition())), range))
                .toList();
        ranges.forEach(written -> written.generation().written(written.range().next()));
        host.durable(ranges);
        if (batch.values() > 0 || !batch.counts().isEmpty()) {
            events.on(samples(batch));
        }
        events.on(new TelemetryEvent.BatchWritten(
                batch.records(), batch.values(), batch.deadLetters().size(), batch.countedOnlyRecords(), duration));
        batch.deadLetters().forEach(letter -> events.on(new TelemetryEvent.RecordRefused(letter)));
    }

    private static TelemetryEvent samples(Batch<?> batch) {
        int rejected = 0;
        int repeated = 0;
        Map<String, Integer> others = new HashMap<>();
        for (RecordCounts record : batch.counts()) {
            rejected += record.refused();
            repeated += record.repeated();
            record.others().forEach((what, number) -> others.merge(what, number, Integer::sum));
        }
        return new TelemetryEvent.SamplesWritten(batch.values(), rejected, repeated, others);
    }

    /**
     * Removes what is durable: a commit with a lost reply may have succeeded, which the stored positions show before
     * any retry.
     */
    private Batch<T> withoutDurable(Batch<T> batch) {
        Set<SourcePartition> partitions =
                batch.ranges().stream().map(OffsetRange::partition).collect(Collectors.toSet());
        Map<SourcePartition, Position> stored = sink.positions(partitions);
        Set<SourcePartition> missing = batch.ranges().stream()
                .filter(range -> !isDurable(range, stored.get(range.partition())))
                .map(OffsetRange::partition)
                .collect(Collectors.toSet());
        Set<SourcePartition> durable = partitions.stream()
                .filter(partition -> !missing.contains(partition))
                .collect(Collectors.toSet());
        if (!durable.isEmpty()) {
            written(batch.without(missing), Duration.ZERO);
        }
        return batch.without(durable);
    }

    private static boolean isDurable(OffsetRange range, @Nullable Position stored) {
        return stored != null && range.next() > range.from() && stored.isSamePlaceAs(range.end());
    }

    private Batch<T> withoutFenced(Batch<T> batch, FencedException fence) {
        Set<SourcePartition> ours = batch.ranges().stream()
                .map(OffsetRange::partition)
                .filter(fence.partitions()::contains)
                .collect(Collectors.toSet());
        if (ours.isEmpty()) {
            throw new TelemetryException("Sink fenced partitions that the batch does not hold", fence);
        }
        host.restart(ours.stream().map(generations::get).toList());
        events.on(new TelemetryEvent.PartitionsFenced(ours));
        return batch.without(ours);
    }

    private void backOff(int attempt, Attempts attempts, RuntimeException cause) {
        if (attempts.fatalFailures >= failure.fatalAttempts()) {
            throw new TelemetryException(
                    "Writing failed " + attempts.fatalFailures + " times and cannot succeed: " + cause.getMessage(),
                    cause);
        }
        Duration wait = retry.backoff(attempt, random);
        events.on(new TelemetryEvent.WriteRetried(attempt, wait, cause));
        host.backOff(wait, cause);
    }

    /** The state of undecided records. */
    private static final class UndecidedRecords {
        private boolean someAccepted;
        private int records;
        private int rounds;
        private Duration waited = Duration.ZERO;

        void newRound(int present, boolean hopeless) {
            if (present > records && !hopeless) {
                rounds = 0;
                waited = Duration.ZERO;
            }
            records = present;
            rounds++;
        }

        /** Returns whether to wait: a record without others to compare with waits longer. */
        boolean isPatient(int attempts) {
            boolean isAlone = records == 1 && !someAccepted;
            return rounds < attempts || (isAlone && waited.compareTo(LONGEST_ALONE) < 0);
        }
    }

    /**
     * Waits for records that show whether the refused ones are at fault or all are refused. When several attempts in a
     * row have brought no more records, the rows accepted before decide: those of the same batch, or none.
     *
     * @return false if it is decided already
     */
    private boolean isWaitedFor(Bisection<T> bisection, Batch<T> undecided) {
        undecidedRecords.newRound(undecided.deliveredRecords(), bisection.isHopeless());
        if (undecidedRecords.isPatient(failure.fatalAttempts())) {
            Duration wait = retry.backoff(undecidedRecords.rounds, random);
            undecidedRecords.waited = undecidedRecords.waited.plus(wait);
            events.on(new TelemetryEvent.WriteRetried(undecidedRecords.rounds, wait, refusal));
            host.awaitRecords(wait, refusal);
            return true;
        }
        if (!undecidedRecords.someAccepted || bisection.isHopeless()) {
            throw new TelemetryException(
                    "Writing failed " + undecidedRecords.rounds + " times and cannot succeed: none of "
                            + undecidedRecords.records + " records is accepted: " + refusal.getMessage(),
                    refusal);
        }
        bisection.held().ifPresent(letters -> attempt(letters, false));
        return false;
    }
}
