package io.gpufleet.telemetry.examples.samples;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.Validator;
import io.gpufleet.telemetry.examples.terminal.Failure;
import io.gpufleet.telemetry.examples.terminal.Text;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.kafka.producer.GpuSamplePublisher;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * The rounds in which files are sent. An outage of the broker costs its rounds, is said at its begin and at its end,
 * and ends nothing. Not thread-safe.
 */
final class PublishRounds {
    /** The time without an acknowledgement after which an outage has begun. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /**
     * What is sent, and with which times.
     *
     * @param files the files
     * @param time the time of rows that carry none; if absent, that of the sending
     * @param shiftsTimes whether all other times are moved, so that the newest is that of the sending
     * @param validator the validator of the consumer
     * @param target the topic and the brokers, in words
     */
    record Plan(
            List<LiveFile> files,
            Optional<Instant> time,
            boolean shiftsTimes,
            Validator<GpuSample> validator,
            String target) {}

    private final Plan plan;
    private final GpuSamplePublisher publisher;
    private final Consumer<String> out;
    private final Consumer<String> errors;
    private final Set<String> told = new HashSet<>();
    private long unsent;
    private long skipped;
    private boolean outage;

    /**
     * Creates the rounds.
     *
     * @param out takes the lines about what was sent
     * @param errors takes the lines about what was not
     */
    PublishRounds(Plan plan, GpuSamplePublisher publisher, Consumer<String> out, Consumer<String> errors) {
        this.plan = plan;
        this.publisher = publisher;
        this.out = out;
        this.errors = errors;
    }

    /**
     * Sends the files once.
     *
     * @throws CompletionException if a part of them is not acknowledged
     */
    void once() {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        Duration shift = shift(now);
        List<CompletableFuture<Void>> sent = new ArrayList<>();
        long samples = 0;
        for (LiveFile file : plan.files()) {
            List<GpuSample> timed = file.samplesAt(plan.time().orElse(now), shift);
            tellOfOtherTimes(file, timed, now);
            file.send(publisher, timed, plan.time().orElse(now)).forEach(sent::add);
            samples += timed.size();
        }
        await(CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)));
        endOutage();
        out.accept("Published " + Text.count(samples, "sample", "samples") + " to " + plan.target() + " at " + now);
    }

    /** Sends the files round after round, until a signal comes. */
    void repeat(Duration every, UntilSignal signal) {
        RoundGrid grid = new RoundGrid(every, System.nanoTime());
        do {
            try {
                once();
            } catch (CompletionException | TelemetryException failure) {
                unsent += samples();
                beginOutage(Failure.inOneLine(failure));
            }
            signal.unsent(unsent);
            skipped += grid.next(System.nanoTime());
            tellOfSkippedRounds();
        } while (signal.elapses(grid.untilNext(System.nanoTime())));
    }

    /** Returns the number of samples of a round. */
    long samples() {
        return plan.files().stream().mapToLong(file -> file.samples().size()).sum();
    }

    private Duration shift(Instant now) {
        return plan.files().stream()
                .flatMap(file -> file.newest().stream())
                .max(Instant::compareTo)
                .filter(newest -> plan.shiftsTimes())
                .map(newest -> Duration.between(newest, now))
                .orElse(Duration.ZERO);
    }

    /** Tells once of the samples that are sent, but that the consumer refuses for their time. */
    private void tellOfOtherTimes(LiveFile file, List<GpuSample> samples, Instant now) {
        if (!told.add(file.name())) {
            return;
        }
        List<String> reasons = samples.stream()
                .flatMap(sample -> FileReading.faults(plan.validator(), sample, Optional.of(now)).stream()
                        .limit(1))
                .toList();
        if (!reasons.isEmpty()) {
            errors.accept(file.name() + ": " + FileReport.otherTimes(reasons.size(), reasons.get(0)));
        }
    }

    private void await(CompletableFuture<Void> sent) {
        try {
            sent.copy().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
        } catch (CompletionException failure) {
            if (!(failure.getCause() instanceof TimeoutException)) {
                throw failure;
            }
            beginOutage("no acknowledgement for " + PATIENCE.toSeconds() + " s");
            sent.join();
        }
    }

    private void beginOutage(String reason) {
        if (!outage) {
            outage = true;
            errors.accept("Outage of " + plan.target() + " begins: " + reason);
        }
    }

    private void endOutage() {
        if (outage) {
            outage = false;
            errors.accept("Outage of " + plan.target() + " ended; until now "
                    + Text.count(unsent, "sample was", "samples were") + " not sent, and "
                    + Text.count(skipped, "round", "rounds") + " skipped");
        }
    }

    private void tellOfSkippedRounds() {
        if (!outage && skipped > 0) {
            out.accept("Skipped " + Text.count(skipped) + " rounds, since a round took longer than --every");
            skipped = 0;
        }
    }
}
