package io.gpufleet.telemetry.kafka;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.FailurePolicy;
import io.gpufleet.telemetry.FencedException;
import io.gpufleet.telemetry.OffsetRange;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SinkException.Kind;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.TransactionalSink;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Writes one batch until every part of it is durable or is no longer ours to write: retries what is transient, leaves
 * out fenced partitions, bisects around a row that the store refuses, and gives up with an exception on what nothing
 * can mend. Owned by its lane.
 */
final class BatchWriter<T> {
    private static final int FAILURES_BEFORE_HALVING = 3;

    /** What a writer needs of its lane. */
    interface Host {
        /** Waits; throws {@link LaneAbortedException} when the consumer has stopped. */
        void backOff(Duration wait, Throwable cause);

        /** Tells that writing works (again). */
        void recovered();

        /** Takes the new positions of partitions. */
        void durable(List<WrittenRange> ranges);

        /** Asks for the stored position of partitions that are not where we believed. */
        void restart(List<Generation> generations);
    }

    private enum Outcome {
        DONE,
        REFUSED,
        TOO_LARGE
    }

    private final TransactionalSink<T> sink;
    private final LaneGate gate;
    private final RetryPolicy retry;
    private final FailurePolicy failure;
    private final DeadLetterWindow window;
    private final RandomGenerator random;
    private final Events events;
    private final Host host;

    private Map<SourcePartition, Generation> generations = Map.of();
    private String refusal = "";

    BatchWriter(ConsumerOptions<T> options, LaneContext context, LaneGate gate, Host host) {
        this.sink = options.sink();
        this.retry = options.retry();
        this.failure = options.failurePolicy();
        this.random = RandomGenerator.getDefault();
        this.gate = gate;
        this.window = context.window();
        this.events = context.events();
        this.host = host;
    }

    void write(PendingBatch<T> pending) {
        generations = pending.generations();
        write(pending.build(), false);
    }

    /**
     * Writes a part of the batch.
     *
     * @param knownBad true if a row of this part must be the one that failed the whole, so that trying it as it is
     *     would be in vain
     * @return true if none of its rows was refused
     */
    private boolean write(Batch<T> part, boolean knownBad) {
        boolean divisible = part.deliveries().size() > 1;
        Outcome outcome = knownBad && divisible ? Outcome.REFUSED : attempt(part);
        if (outcome == Outcome.DONE) {
            return true;
        }
        if (!divisible) {
            attempt(part.refuse(refusal));
            return false;
        }
        List<Batch<T>> halves = part.split();
        boolean firstIsGood = write(halves.get(0), false);
        boolean secondIsGood = write(halves.get(1), firstIsGood && outcome == Outcome.REFUSED);
        return firstIsGood && secondIsGood;
    }

    /** Tries a part until it is durable, refused for its data, or too large. */
    private Outcome attempt(Batch<T> part) {
        Batch<T> rest = part;
        Attempts attempts = new Attempts();
        while (true) {
            try {
                if (attempts.outcomeUnknown) {
                    rest = withoutDurable(rest);
                    attempts.outcomeUnknown = false;
                }
                writeOnce(rest);
                host.recovered();
                return Outcome.DONE;
            } catch (FencedException e) {
                rest = withoutFenced(rest, e);
            } catch (SinkException e) {
                if (e.kind() == Kind.DATA && !rest.deliveries().isEmpty()) {
                    refusal = String.valueOf(e.getMessage());
                    return Outcome.REFUSED;
                }
                if (attempts.showTooLarge(e) && rest.deliveries().size() > 1) {
                    return Outcome.TOO_LARGE;
                }
                backOff(attempts.failed(e.kind().isTransient()), attempts, e);
            } catch (LaneAbortedException | TelemetryException e) {
                throw e;
            } catch (RuntimeException e) {
                backOff(attempts.failed(false), attempts, e);
            }
        }
    }

    /** The failures of one part so far. */
    private static final class Attempts {
        private int failures;
        private int fatalFailures;
        private int tooLargeFailures;
        private boolean outcomeUnknown;

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

    private void writeOnce(Batch<T> batch) {
        Batch<T> current = gate.enter(batch, generations);
        try {
            if (current.ranges().isEmpty()) {
                return;
            }
            refuseFlood(current);
            long begun = System.nanoTime();
            sink.write(current);
            written(current, Duration.ofNanos(System.nanoTime() - begun));
        } finally {
            gate.leave();
        }
    }

    private void refuseFlood(Batch<T> batch) {
        if (window.wouldPass(batch.deliveries().size(), batch.deadLetters().size())) {
            DeadLetter newest = batch.deadLetters().get(batch.deadLetters().size() - 1);
            throw new TelemetryException("More than " + Math.round(failure.maxDeadLetterShare() * 100)
                    + " % of the last " + failure.window() + " records (of at least " + failure.minRecords()
                    + ") would be dead letters; the newest: "
                    + newest.source() + ": " + newest.reasons());
        }
    }

    private void written(Batch<T> batch, Duration duration) {
        window.record(batch.deliveries().size(), batch.deadLetters().size());
        host.durable(batch.ranges().stream()
                .map(range -> new WrittenRange(requireNonNull(generations.get(range.partition())), range))
                .toList());
        events.on(new TelemetryEvent.BatchWritten(
                batch.deliveries().size(), batch.deadLetters().size(), duration));
        batch.deadLetters().forEach(letter -> events.on(new TelemetryEvent.RecordRefused(letter)));
    }

    /** A commit whose reply was lost may have succeeded: what is stored decides, before anything is tried again. */
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
            throw new TelemetryException("The sink fenced partitions that the batch does not hold", fence);
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
}
