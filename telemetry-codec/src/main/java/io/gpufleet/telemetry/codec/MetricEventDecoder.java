package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.gpu.GpuSample;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.SortedSet;

/**
 * A reader of metric events as samples: an event, or an array of events, in the form of {@link MetricEventJsonCodec}.
 *
 * <pre>{@code
 * {"timestamp":"2026-03-01T12:00:00Z","gpu":{"gpu_uuid":"GPU-…"},"host":{"hostname":"n1"},
 *  "metrics":{"health":{"gpu_temp_c":41},"performance":{"sm_active_pct":87.1}}}
 *
 * DCGM_FI_DEV_GPU_TEMP 41, DCGM_FI_PROF_SM_ACTIVE 0.871
 * }</pre>
 *
 * <p>Each reading is a sample of the metric of DCGM that it comes from, in the metric's unit: percentages of ratios are
 * divided by 100, MiB/s multiplied by 1,048,576. Readings that are no metric of DCGM, such as the number of MIG
 * instances, are counted as other metrics and left out. A faulty reading is refused, and those beside it are read; an
 * event without a time or without the UUID of its GPU is refused.
 *
 * <p>Needs the library {@code com.fasterxml.jackson.core:jackson-core}. Limits: a message of 16 MiB, an event of 1 MiB,
 * a text of 64 KiB, 128 members that are not known, a nesting of 32. Thread-safe. Source: RFC 8259.
 */
public final class MetricEventDecoder implements GpuSampleDecoder {
    private final SampleDecoding decoding;

    MetricEventDecoder(SampleRules rules) {
        JsonLibrary.require();
        this.decoding = new SampleDecoding(rules, EventReading::new);
    }

    /**
     * Returns a decoder with the default options.
     *
     * @return a thread-safe decoder
     * @throws IllegalStateException if the library is not there
     */
    public static MetricEventDecoder create() {
        return builder().build();
    }

    /**
     * Returns a builder with the default options.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public void decode(ByteBuffer source, ScrapeContext context, Values<? super GpuSample> values) {
        decoding.decode(source, context, values);
    }

    /**
     * Returns the events with refused readings, as an array of at most 64 KiB; a single event unchanged.
     *
     * @param source the bytes of the record
     * @param indexes the indexes of the refused values
     * @return the events; {@code source} if the rest of it cannot be read
     */
    @Override
    public byte[] excerpt(byte[] source, SortedSet<Integer> indexes) {
        return decoding.excerpt(source, indexes);
    }

    @Override
    public Map<Integer, String> places(byte[] source, SortedSet<Integer> indexes) {
        return decoding.places(source, indexes);
    }

    /** Builds a {@link MetricEventDecoder}. Not thread-safe. */
    public static final class Builder extends SampleDecoderBuilder<Builder> {
        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /**
         * Builds the decoder.
         *
         * @return a thread-safe decoder
         * @throws IllegalStateException if the library is not there
         */
        public MetricEventDecoder build() {
            return new MetricEventDecoder(new SampleRules(this));
        }
    }
}
