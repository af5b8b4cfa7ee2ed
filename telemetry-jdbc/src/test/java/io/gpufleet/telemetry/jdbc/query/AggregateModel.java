package io.gpufleet.telemetry.jdbc.query;

import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.InstanceTotal;
import io.gpufleet.telemetry.gpu.MetricKind;
import io.gpufleet.telemetry.gpu.Scope;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The aggregations over plain lists.
 *
 * @param aggregation the function
 * @param isTimeWeighted whether values weigh by the time that they hold
 * @param bucket the size of the buckets
 * @param end the last instant of the range
 */
record AggregateModel(Aggregation aggregation, boolean isTimeWeighted, Optional<Duration> bucket, Instant end) {
    /** What a line of values has in a bucket. */
    private static final class Part {
        private final List<Double> values = new ArrayList<>();
        private Instant last = Instant.MIN;
        private double rises;
        private long rising;
        private double weighted;
        private double held;

        private double sum() {
            return AggregateModel.sum(values);
        }
    }

    private static double sum(List<Double> values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum;
    }

    /** Returns part, beginning, value and samples of each row of a GPU. */
    List<String> ofGpu(List<GpuSample> samples) {
        Map<String, List<GpuSample>> parts = samples.stream()
                .collect(Collectors.groupingBy(
                        sample -> sample.subject().instance(), TreeMap::new, Collectors.toList()));
        List<String> rows = new ArrayList<>();
        parts.forEach((instance, ofPart) -> {
            NavigableMap<Instant, OptionalDouble> line = new TreeMap<>();
            byTime(ofPart).forEach((time, same) -> line.put(time, OptionalDouble.of(one(same))));
            rows.addAll(rows(instance, List.of(parts(line))));
        });
        return rows;
    }

    /**
     * Returns part, beginning, value and samples of each row of a group.
     *
     * @param gpus the samples of each GPU, in the order of their numbers
     * @param isOfGroup whether a sample is of the group
     */
    List<String> ofGroup(List<List<GpuSample>> gpus, GpuMetric metric, Predicate<GpuSample> isOfGroup) {
        List<NavigableMap<Instant, Part>> lines = new ArrayList<>();
        for (List<GpuSample> gpu : gpus) {
            NavigableMap<Instant, OptionalDouble> line = new TreeMap<>();
            NavigableMap<Instant, Boolean> isMine = new TreeMap<>();
            byTime(gpu).forEach((time, same) -> {
                List<GpuSample> own = same.stream().filter(isOfGroup).toList();
                OptionalDouble value = ofDevice(metric.kind() == MetricKind.COUNTER ? same : own, metric);
                isMine.put(time, !own.isEmpty());
                line.put(time, value);
            });
            lines.add(parts(line, isMine));
        }
        return rows("", lines);
    }

    /** Returns the value of a GPU from all its samples of one time. */
    static OptionalDouble ofDevice(List<GpuSample> same, GpuMetric metric) {
        Map<String, List<GpuSample>> parts = same.stream()
                .filter(AggregateModel::isOfDevice)
                .collect(Collectors.groupingBy(
                        sample -> sample.subject().instance(), TreeMap::new, Collectors.toList()));
        if (parts.containsKey("")) {
            return OptionalDouble.of(one(parts.get("")));
        }
        List<Double> values = parts.values().stream().map(AggregateModel::one).toList();
        if (values.isEmpty() || metric.instanceTotal() == InstanceTotal.NONE) {
            return OptionalDouble.empty();
        }
        return metric.instanceTotal() == InstanceTotal.SUM
                ? OptionalDouble.of(sum(values))
                : values.stream().mapToDouble(value -> value).max();
    }

    static boolean isOfDevice(GpuSample sample) {
        return sample.scope() != Scope.LINK
                && sample.scope() != Scope.SERIES
                && !sample.subject().instance().startsWith("nvlink:");
    }

    static NavigableMap<Instant, List<GpuSample>> byTime(List<GpuSample> samples) {
        return samples.stream().collect(Collectors.groupingBy(GpuSample::time, TreeMap::new, Collectors.toList()));
    }

    private static double one(List<GpuSample> same) {
        List<GpuSample> own =
                same.stream().filter(sample -> sample.scope() != Scope.WORKLOAD).toList();
        return (own.isEmpty() ? same : own)
                .stream().mapToDouble(GpuSample::value).max().orElseThrow();
    }

    private NavigableMap<Instant, Part> parts(NavigableMap<Instant, OptionalDouble> line) {
        NavigableMap<Instant, Boolean> all = new TreeMap<>();
        line.keySet().forEach(time -> all.put(time, true));
        return parts(line, all);
    }

    private NavigableMap<Instant, Part> parts(
            NavigableMap<Instant, OptionalDouble> line, NavigableMap<Instant, Boolean> isMine) {
        NavigableMap<Instant, Part> parts = new TreeMap<>();
        line.forEach((time, at) -> {
            if (isMine.get(time) && at.isPresent()) {
                double value = at.getAsDouble();
                Part part = parts.computeIfAbsent(start(time), start -> new Part());
                part.values.add(value);
                part.last = time;
                Map.Entry<Instant, OptionalDouble> before = line.lowerEntry(time);
                if (before != null && before.getValue().isPresent()) {
                    double old = before.getValue().getAsDouble();
                    part.rises += value >= old ? value - old : value;
                    part.rising += ChronoUnit.MICROS.between(before.getKey(), time);
                }
                hold(parts, time, until(time, line.higherKey(time)), value);
            }
        });
        return parts;
    }

    private Instant until(Instant time, Instant next) {
        Instant longest = time.plus(Duration.ofMinutes(5));
        Instant until = longest.isBefore(end) ? longest : end;
        return next != null && next.isBefore(until) ? next : until;
    }

    private void hold(NavigableMap<Instant, Part> parts, Instant from, Instant until, double value) {
        Instant at = from;
        while (at.isBefore(until)) {
            Instant start = start(at);
            Instant border = bucket.map(start::plus).orElse(until);
            Instant to = border.isBefore(until) ? border : until;
            double held = ChronoUnit.MICROS.between(at, to) / 1e6;
            Part part = parts.computeIfAbsent(start, key -> new Part());
            part.weighted += value * held;
            part.held += held;
            at = to;
        }
    }

    private Instant start(Instant time) {
        return bucket.map(size -> Instant.ofEpochSecond(
                        Math.floorDiv(time.getEpochSecond(), size.toSeconds()) * size.toSeconds()))
                .orElse(Instant.MIN);
    }

    private List<String> rows(String instance, List<NavigableMap<Instant, Part>> lines) {
        NavigableMap<Instant, List<Part>> buckets = new TreeMap<>();
        lines.forEach(line -> line.forEach((start, part) ->
                buckets.computeIfAbsent(start, key -> new ArrayList<>()).add(part)));
        List<String> rows = new ArrayList<>();
        buckets.forEach((start, parts) -> {
            int samples = parts.stream().mapToInt(part -> part.values.size()).sum();
            if (samples > 0) {
                rows.add(instance + " " + (start.equals(Instant.MIN) ? "-" : start) + " " + value(parts, samples) + " "
                        + samples);
            }
        });
        return rows;
    }

    private OptionalDouble value(List<Part> all, int samples) {
        List<Part> parts = all.stream().filter(part -> !part.values.isEmpty()).toList();
        double sum = sum(parts.stream().map(Part::sum).toList());
        double held = sum(all.stream().map(part -> part.held).toList());
        return switch (aggregation) {
            case MIN ->
                parts.stream()
                        .flatMap(part -> part.values.stream())
                        .mapToDouble(value -> value)
                        .min();
            case MAX ->
                parts.stream()
                        .flatMap(part -> part.values.stream())
                        .mapToDouble(value -> value)
                        .max();
            case COUNT -> OptionalDouble.of(samples);
            case LAST ->
                parts.stream()
                        .max(Comparator.comparing((Part part) -> part.last).thenComparing(AggregateModel::last))
                        .map(AggregateModel::last)
                        .map(OptionalDouble::of)
                        .orElseThrow();
            case SUM -> OptionalDouble.of(sum);
            case AVG ->
                OptionalDouble.of(
                        isTimeWeighted && held > 0
                                ? sum(all.stream().map(part -> part.weighted).toList()) / held
                                : sum / samples);
            case INCREASE ->
                OptionalDouble.of(sum(parts.stream().map(part -> part.rises).toList()));
            case RATE -> rate(parts.stream().filter(part -> part.rising > 0).toList());
        };
    }

    private static double last(Part part) {
        return part.values.get(part.values.size() - 1);
    }

    private static OptionalDouble rate(List<Part> rising) {
        return rising.isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(sum(rising.stream()
                        .map(part -> part.rises / (part.rising / 1e6))
                        .toList()));
    }
}
