package io.gpufleet.telemetry.jdbc.gpu;

import java.util.ArrayList;
import java.util.List;

/** The samples of one series in a piece, added in the order of their times. Not thread-safe. */
final class PieceSamples {
    private final int metric;
    private final long series;
    private final List<Long> times = new ArrayList<>();
    private final List<Double> values = new ArrayList<>();
    private final List<Long> labels = new ArrayList<>();
    private final List<String> instances = new ArrayList<>();
    private final List<Short> scopes = new ArrayList<>();
    private final List<Short> qualities = new ArrayList<>();

    PieceSamples(int metric, long series) {
        this.metric = metric;
        this.series = series;
    }

    /** The columns of a sample besides its time and value. */
    record Attributes(long labels, String instance, short scope, short quality) {}

    /**
     * Adds a sample.
     *
     * @param micros its time in microseconds since 1970
     */
    void add(long micros, double value, Attributes attributes) {
        times.add(micros);
        values.add(value);
        labels.add(attributes.labels);
        instances.add(attributes.instance);
        scopes.add(attributes.scope);
        qualities.add(attributes.quality);
    }

    boolean isOf(int otherMetric, long otherSeries) {
        return metric == otherMetric && series == otherSeries;
    }

    int metric() {
        return metric;
    }

    long series() {
        return series;
    }

    PieceTimes times() {
        return PieceTimes.of(times.stream().mapToLong(time -> time).toArray());
    }

    PieceValues values() {
        return PieceValues.of(values.stream().mapToDouble(value -> value).toArray());
    }

    List<Long> labels() {
        return labels;
    }

    List<String> instances() {
        return instances;
    }

    List<Short> scopes() {
        return scopes;
    }

    List<Short> qualities() {
        return qualities;
    }
}
