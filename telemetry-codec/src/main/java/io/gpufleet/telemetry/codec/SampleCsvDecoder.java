package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.gpu.GpuSample;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.SortedSet;

/**
 * A reader of samples as CSV, one sample a row, behind a header that names the columns in any order and case.
 *
 * <pre>{@code
 * timestamp,metric_name,gpu_id,device,uuid,modelName,Hostname,container,pod,namespace,value,labels_raw
 * 2026-03-01T12:00:00Z,DCGM_FI_DEV_GPU_TEMP,0,nvidia0,GPU-…,NVIDIA H100,node-031,,,,41,"job=""dgx"",gpu=""0"""
 * }</pre>
 *
 * <p>Needed are timestamp, metric_name, uuid and value. A column that is not known becomes a label. The columns win
 * over the labels of {@code labels_raw} with the same meaning; those are kept as labels, all but {@code __name__}. The
 * delimiter is a comma, a semicolon or a tab, as the header shows; where it is no comma, a number may have a decimal
 * comma. A header that stands again, as in files that were appended to one another, is the header of the rows behind
 * it. A mark of the byte order is skipped, gzip is unpacked.
 *
 * <p>A time is RFC 3339, or the whole seconds, milliseconds, microseconds or nanoseconds since 1970, or seconds with a
 * fraction. A row of another width, without a UUID, or with a value that is no number is refused with the number of its
 * line; a row without a value is counted and left out. A quotation mark that is never closed refuses all from its row
 * on. A last row without the end of a line is refused, since a text that was cut off looks the same; see
 * {@link SampleDecoderBuilder#acceptOpenEnd}. A header with a name twice, or without a needed one, refuses the record.
 *
 * <p>Needs the library {@code de.siegmar:fastcsv}. Limits: a message of 16 MiB, a row of 1 MiB, a label value of 64
 * KiB, 128 labels of a row. Thread-safe. Source: RFC 4180.
 */
public final class SampleCsvDecoder implements GpuSampleDecoder {
    private final SampleDecoding decoding;

    SampleCsvDecoder(SampleRules rules) {
        CsvCells.requireLibrary();
        this.decoding = new SampleDecoding(rules, CsvReading::ofSamples);
    }

    /**
     * Returns a decoder with the default options.
     *
     * @return a thread-safe decoder
     * @throws IllegalStateException if the library is not there
     */
    public static SampleCsvDecoder create() {
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
     * Returns the refused rows, each behind its header, as plain text of at most 64 KiB.
     *
     * @param source the bytes of the record
     * @param indexes the indexes of the refused values
     * @return the rows; {@code source} if the rest of it cannot be read
     */
    @Override
    public byte[] excerpt(byte[] source, SortedSet<Integer> indexes) {
        return decoding.excerpt(source, indexes);
    }

    @Override
    public Map<Integer, String> places(byte[] source, SortedSet<Integer> indexes) {
        return decoding.places(source, indexes);
    }

    /** Builds a {@link SampleCsvDecoder}. Not thread-safe. */
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
        public SampleCsvDecoder build() {
            return new SampleCsvDecoder(new SampleRules(this));
        }
    }
}
