package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.gpu.GpuSample;
import java.nio.ByteBuffer;
import java.util.SortedSet;

/**
 * A reader of samples in any form, which finds the form of each record by its content, plain or as gzip:
 *
 * <ul>
 *   <li>JSON begins with <code>{</code> or {@code [}: metric events have a member {@code schema_version},
 *       {@code event_type} or {@code metrics}, and are read as by {@link MetricEventDecoder}, all else as by
 *       {@link SampleJsonDecoder};
 *   <li>CSV begins with a header, of samples ({@link SampleCsvDecoder}) or of nvidia-smi ({@link NvidiaSmiCsvDecoder});
 *   <li>exposition text ({@link ExpositionTextDecoder}) has, among its first lines, a comment, or a name with labels or
 *       with a number.
 * </ul>
 *
 * <p>A record of which nothing is recognised is refused as a whole. The options are those of all forms, such as the
 * {@linkplain SampleDecoderBuilder#zone zone} for the times of nvidia-smi.
 *
 * <p>Needs the libraries {@code de.siegmar:fastcsv} and {@code com.fasterxml.jackson.core:jackson-core}. Thread-safe.
 */
public final class DetectingDecoder implements GpuSampleDecoder {
    private final SampleDecoding decoding;

    private DetectingDecoder(Builder builder) {
        CsvCells.requireLibrary();
        JsonLibrary.require();
        this.decoding = new SampleDecoding(new SampleRules(builder), DetectedReading::new);
    }

    @Override
    public void decode(ByteBuffer source, ScrapeContext context, Values<? super GpuSample> values) {
        decoding.decode(source, context, values);
    }

    /**
     * Returns what is refused as the decoder of the record's form does, so that its form is found again.
     *
     * @param source the bytes of the record
     * @param indexes the indexes of the refused values
     * @return at most 64 KiB; {@code source} if the rest of it cannot be read, or it cannot be taken apart
     */
    @Override
    public byte[] excerpt(byte[] source, SortedSet<Integer> indexes) {
        return decoding.excerpt(source, indexes);
    }

    /** Builds a {@link DetectingDecoder}: see {@link GpuSampleDecoder#detecting}. Not thread-safe. */
    public static final class Builder extends SampleDecoderBuilder<Builder> {
        Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /**
         * Builds the decoder.
         *
         * @return a thread-safe decoder
         * @throws IllegalStateException if a library is not there
         */
        public DetectingDecoder build() {
            return new DetectingDecoder(this);
        }
    }
}
