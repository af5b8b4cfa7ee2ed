package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.codec.Entry.Place;
import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.MetricKind;
import java.util.Optional;

/** The lines of one metric of an exposition text, with the TYPE that the text declares, anywhere. Not thread-safe. */
final class MetricFamily {
    private final String name;
    private final boolean settled;
    private final boolean known;
    private GpuMetric metric;
    private Optional<Place> type = Optional.empty();
    private MetricKind declared = MetricKind.GAUGE;

    MetricFamily(String name) {
        this.name = name;
        this.metric = GpuMetric.named(name);
        this.settled = metric.equals(GpuMetric.named(name, MetricKind.COUNTER));
        this.known = settled && GpuMetric.known(name).isPresent();
    }

    String name() {
        return name;
    }

    /** Returns whether the metric is a label of its GPU, whatever its type. */
    boolean isLabel() {
        return metric.isLabel();
    }

    /** Returns whether the metric is the same whatever its type. */
    boolean isSettled() {
        return settled;
    }

    /** Returns whether the catalogue knows the metric with its kind: then nothing of a text changes it. */
    boolean isKnown() {
        return known;
    }

    /** Returns the line of the type. */
    Optional<Place> type() {
        return type;
    }

    void declare(MetricKind kind, Place line) {
        declared = kind;
        type = Optional.of(line);
    }

    /** Takes the type of another name of this family. */
    void declareAs(MetricFamily other) {
        if (type.isEmpty()) {
            declared = other.declared;
            type = other.type;
        }
    }

    /** Returns the metric, once the whole text has been read. */
    GpuMetric metric() {
        if (metric.kind() != declared) {
            // What the catalogue knows stays as it is.
            metric = GpuMetric.named(name, declared);
            declared = metric.kind();
        }
        return metric;
    }
}
