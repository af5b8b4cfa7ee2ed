package io.gpufleet.telemetry.gpu;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A metric of a GPU: a field of DCGM under its name before DCGM 4.6, or a metric that the catalogue does not know,
 * under the name it came with. Immutable.
 *
 * <pre>{@code
 * GpuMetric.named("DCGM_FI_DEV_GPU_TEMP_CELSIUS").name() // DCGM_FI_DEV_GPU_TEMP
 * GpuMetric.named("dcgm_gpu_temp").name()                // DCGM_FI_DEV_GPU_TEMP
 * }</pre>
 *
 * <p>Kind, unit and range of a known metric come from the catalogue and never from an exporter, whose declarations are
 * wrong for some. Source: the headers of DCGM 4.6.0.
 */
public final class GpuMetric {
    /** Temperature of the GPU, field 150. */
    public static final GpuMetric GPU_TEMP = constant("DCGM_FI_DEV_GPU_TEMP");
    /** Temperature of the memory, field 140. */
    public static final GpuMetric MEMORY_TEMP = constant("DCGM_FI_DEV_MEMORY_TEMP");
    /** Power of the board, field 155. */
    public static final GpuMetric POWER_USAGE = constant("DCGM_FI_DEV_POWER_USAGE");
    /** Reasons for lower clocks, field 112: see {@link ThrottleReasons}. */
    public static final GpuMetric CLOCK_THROTTLE_REASONS = constant("DCGM_FI_DEV_CLOCK_THROTTLE_REASONS");
    /** Share of time in use, field 203. */
    public static final GpuMetric GPU_UTIL = constant("DCGM_FI_DEV_GPU_UTIL");
    /** Share of time of memory transfers, field 204. */
    public static final GpuMetric MEM_COPY_UTIL = constant("DCGM_FI_DEV_MEM_COPY_UTIL");
    /** Share of time of the encoder in use, field 206. */
    public static final GpuMetric ENC_UTIL = constant("DCGM_FI_DEV_ENC_UTIL");
    /** Share of time of the decoder in use, field 207. */
    public static final GpuMetric DEC_UTIL = constant("DCGM_FI_DEV_DEC_UTIL");
    /** Number of the last Xid error, field 230. */
    public static final GpuMetric XID_ERRORS = constant("DCGM_FI_DEV_XID_ERRORS");
    /** All memory, field 250. */
    public static final GpuMetric FB_TOTAL = constant("DCGM_FI_DEV_FB_TOTAL");
    /** Free memory, field 251. */
    public static final GpuMetric FB_FREE = constant("DCGM_FI_DEV_FB_FREE");
    /** Used memory, field 252. */
    public static final GpuMetric FB_USED = constant("DCGM_FI_DEV_FB_USED");
    /** Reserved memory, field 253. */
    public static final GpuMetric FB_RESERVED = constant("DCGM_FI_DEV_FB_RESERVED");

    private static final String MEBIBYTE = "MiB";

    private final String name;
    private final int fieldId;
    private final MetricTraits traits;

    GpuMetric(String name, int fieldId, MetricTraits traits) {
        this.name = name;
        this.fieldId = fieldId;
        this.traits = traits;
    }

    private static GpuMetric constant(String name) {
        return known(name).orElseThrow(() -> new IllegalStateException(name + " is not in the catalogue"));
    }

    /**
     * Returns the metric of a name: of either family of names of DCGM, of the first exporters' names, also with the
     * ending {@code _total}. A name that the catalogue does not know gives a gauge of that name, new at each call.
     *
     * @param anyName the name as it came
     * @return the metric
     */
    public static GpuMetric named(String anyName) {
        return named(anyName, MetricKind.GAUGE);
    }

    /**
     * Returns the metric of a name, and believes the declared kind where neither the catalogue knows the name nor a
     * pattern of names tells the kind.
     *
     * @param anyName the name as it came
     * @param declared the kind that the exporter declares
     * @return the metric
     */
    public static GpuMetric named(String anyName, MetricKind declared) {
        requireNonNull(anyName, "anyName");
        requireNonNull(declared, "declared");
        return MetricCatalogue.findOrMake(anyName, declared);
    }

    /**
     * Returns the metric of a name, if the catalogue knows it.
     *
     * @param anyName a name of any family
     * @return the metric
     */
    public static Optional<GpuMetric> known(String anyName) {
        return Optional.ofNullable(MetricCatalogue.find(requireNonNull(anyName, "anyName")));
    }

    /**
     * Returns the metrics whose unit, kind and range are known.
     *
     * @return the metrics by field id, unmodifiable
     */
    public static List<GpuMetric> catalogue() {
        return MetricCatalogue.metrics();
    }

    /**
     * Returns the name that the metric is stored under: with prefix, in the spelling before DCGM 4.6.
     *
     * @return for example {@code DCGM_FI_DEV_GPU_TEMP}
     */
    public String name() {
        return name;
    }

    /**
     * Returns the number of DCGM's field.
     *
     * @return 0 if it is not known
     */
    public int fieldId() {
        return fieldId;
    }

    /**
     * Returns the unit of the values as they come.
     *
     * @return for example {@code MiB}; empty if it is not known, or for a label
     */
    public String unit() {
        return traits.unit();
    }

    /**
     * Returns how the values belong together.
     *
     * @return gauge or counter
     */
    public MetricKind kind() {
        return traits.kind();
    }

    /**
     * Returns whether each MIG instance has a sensor of its own; else all instances repeat the reading of the device.
     *
     * @return false if it is not known
     */
    public boolean isPerInstance() {
        return traits.level() == MetricLevel.INSTANCE;
    }

    /**
     * Returns what the readings of MIG instances are for the whole GPU. Of the last Xid error, which each instance
     * reports, it is the largest number; only amounts of memory add up.
     *
     * @return how the reading of a GPU without one of its own is made
     */
    public InstanceTotal instanceTotal() {
        if (!isPerInstance() || equals(XID_ERRORS)) {
            return InstanceTotal.LARGEST;
        }
        return unit().equals(MEBIBYTE) ? InstanceTotal.SUM : InstanceTotal.NONE;
    }

    /** Returns the type of the values, which decides about the codes for "no value". */
    ValueType type() {
        return traits.type();
    }

    /**
     * Returns the smallest value that a GPU can have.
     *
     * @return negative infinity if there is none
     */
    public double minimum() {
        return traits.minimum();
    }

    /**
     * Returns the largest value that a GPU can have.
     *
     * @return infinity if there is none
     */
    public double maximum() {
        return traits.maximum();
    }

    /**
     * Returns the range as a text.
     *
     * @return {@code -50..150}, {@code >= 0}, or the empty text if any value is allowed
     */
    public String range() {
        return traits.range();
    }

    /**
     * Returns whether a value is in the range.
     *
     * @param value a number
     * @return false if no GPU can have it
     */
    public boolean allows(double value) {
        return value >= traits.minimum() && value <= traits.maximum();
    }

    /**
     * Returns whether the field is a label of its GPU, such as a serial number, and none of its values a reading.
     *
     * @return true for a label
     */
    public boolean isLabel() {
        return traits.label();
    }

    /** Metrics are equal if they have the same name and kind. */
    @Override
    public boolean equals(Object other) {
        return other instanceof GpuMetric metric && name.equals(metric.name) && kind() == metric.kind();
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, kind());
    }

    @Override
    public String toString() {
        return name;
    }
}
