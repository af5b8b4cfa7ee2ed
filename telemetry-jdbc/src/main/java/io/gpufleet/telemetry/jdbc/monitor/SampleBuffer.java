package io.gpufleet.telemetry.jdbc.monitor;

import io.gpufleet.telemetry.TelemetryEvent;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The samples that wait to be written; the oldest are dropped when there are too many. Thread-safe. */
final class SampleBuffer {
    private static final int MOST_SAMPLES = 10_000;

    private final Clock clock;
    private final Object lock = new Object();
    private final ArrayDeque<LagSample> lags = new ArrayDeque<>();
    private final ArrayDeque<ProcessingSample> batches = new ArrayDeque<>();
    private @Nullable ProcessingSample growing;
    private long rejected;
    private long repeated;
    private long dropped;

    SampleBuffer(Clock clock) {
        this.clock = clock;
    }

    void add(TelemetryEvent.LagMeasured measured) {
        long nanos = System.nanoTime();
        synchronized (lock) {
            measured.partitions().forEach((partition, lag) -> append(lags, new LagSample(nanos, partition, lag)));
        }
    }

    /** Adds the refused values of a batch, whose event follows. */
    void add(TelemetryEvent.SamplesWritten samples) {
        synchronized (lock) {
            rejected += samples.rejected();
            repeated += samples.repeated();
        }
    }

    /** Adds a batch, to the sample of this second or as a new one. */
    void add(TelemetryEvent.BatchWritten batch) {
        Instant now = clock.instant();
        synchronized (lock) {
            ProcessingSample sample = growing;
            if (sample != null && sample.isOfTheSecondOf(now)) {
                sample = sample.plus(batch);
            } else {
                endSecond();
                sample = ProcessingSample.of(System.nanoTime(), now, batch);
            }
            growing = sample.plusRefused(rejected, repeated);
            rejected = 0;
            repeated = 0;
        }
    }

    private void endSecond() {
        ProcessingSample sample = growing;
        growing = null;
        if (sample != null) {
            append(batches, sample);
        }
    }

    private <S> void append(ArrayDeque<S> samples, S sample) {
        if (samples.size() == MOST_SAMPLES) {
            samples.remove();
            dropped++;
        }
        samples.add(sample);
    }

    /**
     * Samples that are written together.
     *
     * @param lags the lags, the oldest first
     * @param batches the batches, the oldest first
     * @param dropped the number of samples dropped before them
     */
    record Samples(List<LagSample> lags, List<ProcessingSample> batches, long dropped) {
        boolean isEmpty() {
            return lags.isEmpty() && batches.isEmpty();
        }
    }

    /** Takes the samples, except that of the current second unless everything is wanted. */
    Samples take(boolean everything) {
        Instant now = clock.instant();
        synchronized (lock) {
            ProcessingSample sample = growing;
            if (sample != null && (everything || !sample.isOfTheSecondOf(now))) {
                endSecond();
            }
            Samples taken = new Samples(new ArrayList<>(lags), new ArrayList<>(batches), dropped);
            lags.clear();
            batches.clear();
            dropped = 0;
            return taken;
        }
    }

    /** Takes back samples that could not be written, as far as there is room for them before newer ones. */
    void giveBack(Samples taken) {
        synchronized (lock) {
            dropped += taken.dropped();
            prepend(lags, taken.lags());
            prepend(batches, taken.batches());
        }
    }

    private <S> void prepend(ArrayDeque<S> samples, List<S> older) {
        int room = Math.min(older.size(), MOST_SAMPLES - samples.size());
        int lost = older.size() - room;
        dropped += lost;
        for (int i = older.size() - 1; i >= lost; i--) {
            samples.addFirst(older.get(i));
        }
    }
}
