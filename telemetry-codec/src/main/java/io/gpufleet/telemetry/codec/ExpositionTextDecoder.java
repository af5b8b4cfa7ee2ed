package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.gpu.GpuSample;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.SortedSet;

/**
 * A reader of exposition text, the form that dcgm-exporter serves and Prometheus reads: text format 0.0.4, and
 * OpenMetrics 1.0, which is known by its last line {@code # EOF}.
 *
 * <pre>{@code
 * # TYPE DCGM_FI_DEV_GPU_TEMP gauge
 * DCGM_FI_DEV_GPU_TEMP{gpu="0",UUID="GPU-…",device="nvidia0",Hostname="node-031"} 41
 * DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="GPU-…",device="nvidia0",Hostname="node-031"} 112.250000 1772366400250
 * }</pre>
 *
 * <p>An unreadable line costs this line: it is refused with its number, {@code line 3: value "ERROR" is not a number}.
 * What a type line declares counts only for metrics that the catalogue does not know; type lines may stand anywhere,
 * and more than once. Lines without a time have that of the scrape. Metrics without the prefix {@code DCGM_} or
 * {@code dcgm_}, and rows of CPUs and switches, are counted and left out.
 *
 * <p>A line ends with a line feed. A last line without one is refused, as it may be a part of a line only; see
 * {@link SampleDecoderBuilder#acceptOpenEnd}. Limits: a message of 16 MiB, a line of 1 MiB, a label value of 64 KiB,
 * 128 labels of a row. Text in gzip is unpacked; if its end is missing, its whole lines are read.
 *
 * <p>A decoder remembers the labels of earlier texts, so keep one for all records: up to 16 MiB, or a 64th of the heap
 * if that is less, for each of up to eight threads that decode at once. Thread-safe.
 */
public final class ExpositionTextDecoder implements GpuSampleDecoder {
    private final SampleDecoding decoding;

    ExpositionTextDecoder(SampleRules rules, boolean openMetrics) {
        this.decoding = new SampleDecoding(
                rules, (ofRecord, context, text) -> new ExpositionReading(ofRecord, context, text, openMetrics));
    }

    /**
     * Returns a decoder with the default options.
     *
     * @return a thread-safe decoder
     */
    public static ExpositionTextDecoder create() {
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
     * Returns the refused lines, each with the type line of its metric, as plain text of at most 64 KiB.
     *
     * @param source the bytes of the record
     * @param indexes the indexes of the refused values
     * @return the lines; {@code source} if the rest of it cannot be read
     */
    @Override
    public byte[] excerpt(byte[] source, SortedSet<Integer> indexes) {
        return decoding.excerpt(source, indexes);
    }

    @Override
    public Map<Integer, String> places(byte[] source, SortedSet<Integer> indexes) {
        return decoding.places(source, indexes);
    }

    /** Builds an {@link ExpositionTextDecoder}. Not thread-safe. */
    public static final class Builder extends SampleDecoderBuilder<Builder> {
        private boolean openMetrics;

        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /**
         * Reads times as seconds, as the content type {@code application/openmetrics-text} says. Default: only if the
         * last line is {@code # EOF}.
         *
         * @return this
         */
        public Builder openMetrics() {
            this.openMetrics = true;
            return this;
        }

        /**
         * Builds the decoder.
         *
         * @return a thread-safe decoder
         */
        public ExpositionTextDecoder build() {
            return new ExpositionTextDecoder(new SampleRules(this), openMetrics);
        }
    }
}
