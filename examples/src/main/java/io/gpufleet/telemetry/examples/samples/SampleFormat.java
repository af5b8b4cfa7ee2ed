package io.gpufleet.telemetry.examples.samples;

import io.gpufleet.telemetry.codec.DetectingDecoder;
import io.gpufleet.telemetry.codec.ExpositionTextDecoder;
import io.gpufleet.telemetry.codec.GpuSampleDecoder;
import io.gpufleet.telemetry.codec.LineProtocolDecoder;
import io.gpufleet.telemetry.codec.MetricEventDecoder;
import io.gpufleet.telemetry.codec.NvidiaSmiCsvDecoder;
import io.gpufleet.telemetry.codec.SampleCsvDecoder;
import io.gpufleet.telemetry.codec.SampleDecoderBuilder;
import io.gpufleet.telemetry.codec.SampleJsonDecoder;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/** A form of GPU samples on the wire. */
enum SampleFormat {
    /** The form that the content shows. */
    AUTO,
    /** Exposition text. */
    TEXT,
    /** Samples as CSV. */
    CSV,
    /** Samples as JSON. */
    JSON,
    /** Metric events, which are JSON. */
    EVENT,
    /** The CSV of nvidia-smi. */
    SMI,
    /** Line protocol of InfluxDB. */
    INFLUX;

    private static final Map<Class<?>, SampleFormat> FORMATS = Map.of(
            ExpositionTextDecoder.class, TEXT,
            SampleCsvDecoder.class, CSV,
            SampleJsonDecoder.class, JSON,
            MetricEventDecoder.class, EVENT,
            NvidiaSmiCsvDecoder.class, SMI,
            LineProtocolDecoder.class, INFLUX);

    /** Returns whether each line may be a record of its own, also behind one that is no JSON. */
    boolean mayBeLines() {
        return this == JSON || this == EVENT || this == AUTO;
    }

    /** Returns whether times of this format may be without a zone. */
    boolean hasZones() {
        return this != TEXT && this != EVENT && this != INFLUX;
    }

    /** Returns whether a file may hold more than a record: its samples are published one by one. */
    boolean isTakenApart() {
        return this != TEXT && this != AUTO;
    }

    /** Returns the format that a decoder reads. */
    static SampleFormat of(GpuSampleDecoder decoder) {
        return FORMATS.getOrDefault(decoder.getClass(), AUTO);
    }

    /**
     * Returns a decoder of this format; that of no format finds the one of each record.
     *
     * @param options sets the options that the decoders have in common
     */
    GpuSampleDecoder decoder(Consumer<SampleDecoderBuilder<?>> options) {
        return switch (this) {
            case TEXT -> {
                ExpositionTextDecoder.Builder builder = ExpositionTextDecoder.builder();
                options.accept(builder);
                yield builder.build();
            }
            case CSV -> {
                SampleCsvDecoder.Builder builder = SampleCsvDecoder.builder();
                options.accept(builder);
                yield builder.build();
            }
            case JSON -> {
                SampleJsonDecoder.Builder builder = SampleJsonDecoder.builder();
                options.accept(builder);
                yield builder.build();
            }
            case EVENT -> {
                MetricEventDecoder.Builder builder = MetricEventDecoder.builder();
                options.accept(builder);
                yield builder.build();
            }
            case SMI -> {
                NvidiaSmiCsvDecoder.Builder builder = NvidiaSmiCsvDecoder.builder();
                options.accept(builder);
                yield builder.build();
            }
            case INFLUX -> {
                LineProtocolDecoder.Builder builder = LineProtocolDecoder.builder();
                options.accept(builder);
                yield builder.build();
            }
            case AUTO -> {
                DetectingDecoder.Builder builder = GpuSampleDecoder.detecting();
                options.accept(builder);
                yield builder.build();
            }
        };
    }

    /** Returns the name as it is given and printed. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
