package io.gpufleet.telemetry.examples.samples;

import io.gpufleet.telemetry.codec.SampleCounts;
import io.gpufleet.telemetry.gpu.GpuSample;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What a file holds: its samples as they would be stored, each once, and all that would not be stored. Of two samples
 * with one identity the first stays. Not thread-safe.
 */
final class FileContent {
    private final SampleCounts counts = new SampleCounts();
    private final Map<Object, GpuSample> stored = new LinkedHashMap<>();
    private final List<Rejection> rejected = new ArrayList<>();
    private final List<Rejection> faults = new ArrayList<>();
    private Optional<String> reasonOfOtherTime = Optional.empty();
    private long otherTimes;
    private long duplicates;
    private long conflicts;
    private int line;

    /** Says that the next line is a record of its own. */
    void nextLine() {
        line++;
    }

    /** Adds a good sample. */
    void add(GpuSample sample) {
        GpuSample first = stored.putIfAbsent(sample.key(), sample);
        if (first == null) {
            return;
        }
        if (first.value() == sample.value()) {
            duplicates++;
        } else {
            conflicts++;
        }
    }

    /** Counts a good sample whose time the consumer refuses, with the reason. */
    void addOtherTime(String reason) {
        otherTimes++;
        reasonOfOtherTime = reasonOfOtherTime.or(() -> Optional.of(reason));
    }

    /** Returns the number of good samples whose times the consumer refuses. */
    long otherTimes() {
        return otherTimes;
    }

    /** Returns the reason against the first of them. */
    Optional<String> reasonOfOtherTime() {
        return reasonOfOtherTime;
    }

    /** Adds a rejection; in a record of one line, its number counts the elements of that record. */
    void refuse(Rejection rejection) {
        rejected.add(line == 0 ? rejection : rejection.within(line));
    }

    /** Adds the fault that ends a record. */
    void end(Rejection fault) {
        refuse(fault);
        faults.add(rejected.get(rejected.size() - 1));
    }

    /** Returns the counts that a decoder adds to. */
    SampleCounts counts() {
        return counts;
    }

    Collection<GpuSample> samples() {
        return stored.values();
    }

    /** Returns all that was rejected, by their lines. */
    List<Rejection> rejected() {
        return rejected.stream()
                .sorted(Comparator.comparingInt(Rejection::line))
                .toList();
    }

    /** Returns the faults that ended a record: all behind them is not read. */
    List<Rejection> faults() {
        return faults;
    }

    /** Returns the rejections of single lines or elements. */
    List<Rejection> refused() {
        return rejected().stream()
                .filter(rejection -> !faults.contains(rejection))
                .toList();
    }

    long duplicates() {
        return duplicates;
    }

    long conflicts() {
        return conflicts;
    }

    long gpus() {
        return distinct(sample -> sample.subject().uuid());
    }

    long hosts() {
        return distinct(sample -> sample.subject().host());
    }

    private long distinct(Function<GpuSample, String> text) {
        return stored.values().stream()
                .map(text)
                .filter(value -> !value.isEmpty())
                .distinct()
                .count();
    }

    /** Returns the figures of each metric, by its name. */
    Map<String, MetricTotals> metrics() {
        Map<String, MetricTotals> metrics = new TreeMap<>();
        for (GpuSample sample : stored.values()) {
            metrics.computeIfAbsent(sample.metric().name(), name -> new MetricTotals())
                    .add(sample.value());
        }
        return metrics;
    }
}
