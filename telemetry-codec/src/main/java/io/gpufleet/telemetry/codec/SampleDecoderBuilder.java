package io.gpufleet.telemetry.codec;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The options that the decoders of GPU samples have in common. Not thread-safe.
 *
 * @param <B> the builder
 */
public abstract sealed class SampleDecoderBuilder<B extends SampleDecoderBuilder<B>>
        permits ExpositionTextDecoder.Builder,
                SampleCsvDecoder.Builder,
                SampleJsonDecoder.Builder,
                NvidiaSmiCsvDecoder.Builder,
                MetricEventDecoder.Builder,
                LineProtocolDecoder.Builder,
                DetectingDecoder.Builder {
    /** The host is what the labels say. */
    static final HostResolver LABELS = (labels, found) -> found;

    private static final int LARGEST_MESSAGE = 256 << 20;

    SampleLimits limits = SampleLimits.DEFAULT;
    SampleCounts counts = new SampleCounts();
    Optional<String> host = Optional.empty();
    Optional<Instant> scrapeTime = Optional.empty();

    @Nullable
    ZoneId zone;

    HostResolver hostResolver = LABELS;
    final List<String> prefixes = new ArrayList<>(List.of("DCGM_", "dcgm_"));
    final List<String> uuidLabels = new ArrayList<>(List.of("UUID", "uuid", "gpu_uuid", "GPU_UUID"));
    boolean keepsOutOfRange;
    boolean acceptsOpenEnd;
    boolean keepsOtherDevices;

    SampleDecoderBuilder() {}

    abstract B self();

    /**
     * Sets the host of all GPUs, which wins over all labels.
     *
     * @param name the host (default: the labels say it)
     * @return this
     */
    public B host(String name) {
        this.host = new ScrapeContext(Optional.empty(), Optional.of(requireNonNull(name, "name"))).host();
        return self();
    }

    /**
     * Sets the time of rows that carry none, for records without a time of their own.
     *
     * @param time a time (default: such rows are refused)
     * @return this
     */
    public B scrapeTime(Instant time) {
        this.scrapeTime = Optional.of(requireNonNull(time, "time"));
        return self();
    }

    /**
     * Sets the zone of times without an offset. Where clocks are set back, the earlier time is meant.
     *
     * @param zone a zone (default: such times are refused)
     * @return this
     */
    public B zone(ZoneId zone) {
        this.zone = requireNonNull(zone, "zone");
        return self();
    }

    /**
     * Sets a function that names the host of a GPU where the host is not given for the record.
     *
     * @param resolver a thread-safe function (default: the labels say it)
     * @return this
     */
    public B hostResolver(HostResolver resolver) {
        this.hostResolver = requireNonNull(resolver, "resolver");
        return self();
    }

    /**
     * Adds a prefix of metrics to read. Metrics without any of the prefixes are counted and left out.
     *
     * @param prefix the beginning of a metric's name (default: {@code DCGM_} and {@code dcgm_})
     * @return this
     */
    public B prefix(String prefix) {
        if (requireNonNull(prefix, "prefix").isEmpty()) {
            throw new IllegalArgumentException("prefix: the empty text would take all metrics");
        }
        prefixes.add(prefix);
        return self();
    }

    /**
     * Adds a label to look for the GPU's UUID in, after the others.
     *
     * @param name the name of a label (default: UUID, uuid, gpu_uuid and GPU_UUID)
     * @return this
     */
    public B uuidLabel(String name) {
        uuidLabels.add(requireNonNull(name, "name"));
        return self();
    }

    /**
     * Keeps readings that no GPU can have, with the flag {@code OUT_OF_RANGE}. Default: they are refused.
     *
     * @return this
     */
    public B keepOutOfRange() {
        this.keepsOutOfRange = true;
        return self();
    }

    /**
     * Reads the last row of a text though no line feed ends it. Default: it is refused, since a text that was cut off
     * in a number looks the same.
     *
     * @return this
     */
    public B acceptOpenEnd() {
        this.acceptsOpenEnd = true;
        return self();
    }

    /**
     * Reads the rows of CPUs, their cores and NVSwitches too, which have no UUID: theirs is made of their host, for
     * example {@code n1/cpu:0/cpucore:3} and {@code n1/nvswitch:nvswitch0}. Rows that name no host are refused.
     * Default: such rows are counted and left out.
     *
     * @return this
     */
    public B keepOtherDevices() {
        this.keepsOtherDevices = true;
        return self();
    }

    /**
     * Sets the counts of what is left out.
     *
     * @param counts the counts, which other decoders may share (default: they are not kept)
     * @return this
     */
    public B counts(SampleCounts counts) {
        this.counts = requireNonNull(counts, "counts");
        return self();
    }

    /**
     * Sets the largest message.
     *
     * @param bytes its bytes, unpacked: 1 to 256 MiB (default: 16 MiB)
     * @return this
     */
    public B maxMessageBytes(int bytes) {
        limits = new SampleLimits(
                within("maxMessageBytes", bytes, LARGEST_MESSAGE),
                limits.lineBytes(),
                limits.labelBytes(),
                limits.labels());
        return self();
    }

    /**
     * Sets the longest line, or row of several lines.
     *
     * @param bytes its bytes: 1 to 256 MiB (default: 1 MiB)
     * @return this
     */
    public B maxLineBytes(int bytes) {
        limits = new SampleLimits(
                limits.messageBytes(),
                within("maxLineBytes", bytes, LARGEST_MESSAGE),
                limits.labelBytes(),
                limits.labels());
        return self();
    }

    /**
     * Sets the longest value of a label.
     *
     * @param bytes its bytes: 1 to 256 MiB (default: 64 KiB)
     * @return this
     */
    public B maxLabelBytes(int bytes) {
        limits = new SampleLimits(
                limits.messageBytes(),
                limits.lineBytes(),
                within("maxLabelBytes", bytes, LARGEST_MESSAGE),
                limits.labels());
        return self();
    }

    /**
     * Sets the most labels of a row.
     *
     * @param count their number: 1 to 10,000 (default: 128)
     * @return this
     */
    public B maxLabels(int count) {
        limits = new SampleLimits(
                limits.messageBytes(), limits.lineBytes(), limits.labelBytes(), within("maxLabels", count, 10_000));
        return self();
    }

    static int within(String name, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(name + ": " + value + " is not between 1 and " + most);
        }
        return value;
    }
}
