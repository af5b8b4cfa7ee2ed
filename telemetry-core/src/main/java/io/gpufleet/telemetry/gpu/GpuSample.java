package io.gpufleet.telemetry.gpu;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.Set;

/**
 * A reading of one metric of a GPU at one time. Immutable.
 *
 * @param time the time of the reading, cut to microseconds
 * @param metric its metric
 * @param value the value in the metric's unit, finite
 * @param subject the GPU, or the part of it, that was read
 * @param scope how it counts in sums
 * @param quality doubts about it
 */
public record GpuSample(
        Instant time, GpuMetric metric, double value, GpuSubject subject, Scope scope, Set<QualityFlag> quality) {

    /** Comparable, so that a map stays fast for texts that were chosen to have one hash. */
    private record Key(String uuid, String metric, Instant time, String series) implements Comparable<Key> {
        private static final Comparator<Key> ORDER = Comparator.comparing(Key::uuid)
                .thenComparing(Key::metric)
                .thenComparing(Key::time)
                .thenComparing(Key::series);

        @Override
        public int compareTo(Key other) {
            return ORDER.compare(this, other);
        }
    }

    /**
     * Checks the components.
     *
     * @param time as the component
     * @param metric as the component
     * @param value as the component
     * @param subject as the component
     * @param scope as the component
     * @param quality as the component
     */
    public GpuSample {
        time = requireNonNull(time, "time").truncatedTo(ChronoUnit.MICROS);
        requireNonNull(metric, "metric");
        requireNonNull(subject, "subject");
        requireNonNull(scope, "scope");
        quality = Set.copyOf(quality);
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("value: " + value + " is not finite");
        }
    }

    /**
     * Returns a sample without a doubt, alone in its message.
     *
     * @param time the time of the reading
     * @param metric its metric
     * @param value a finite value
     * @param subject the GPU, or the part of it, that was read
     * @return a sample
     */
    public static GpuSample of(Instant time, GpuMetric metric, double value, GpuSubject subject) {
        requireNonNull(time, "time");
        requireNonNull(metric, "metric");
        return new GpuSample(time, metric, value, subject, Scope.ofSingle(subject), Set.of());
    }

    /**
     * Returns the identity of this sample: of two samples with equal keys, the first stays. Samples of one GPU, metric,
     * time and series have equal keys.
     *
     * @return a new object to compare and to look up
     */
    public Object key() {
        return new Key(subject.uuid(), metric.name(), time, subject.series());
    }

    /**
     * Returns this sample with another scope.
     *
     * @param other the scope
     * @return this sample if it has that scope
     */
    public GpuSample withScope(Scope other) {
        return other == scope ? this : new GpuSample(time, metric, value, subject, other, quality);
    }

    /** Returns this sample with a subject of the same series. */
    GpuSample withSubject(GpuSubject other) {
        return new GpuSample(time, metric, value, other, scope, quality);
    }

    /**
     * Returns this sample with other doubts.
     *
     * @param flags the flags
     * @return a sample
     */
    public GpuSample withQuality(Set<QualityFlag> flags) {
        return new GpuSample(time, metric, value, subject, scope, flags);
    }
}
