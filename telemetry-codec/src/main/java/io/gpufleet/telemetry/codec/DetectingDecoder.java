package io.gpufleet.telemetry.codec;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.codec.SampleReading.Form;
import io.gpufleet.telemetry.gpu.GpuSample;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.function.Function;

/**
 * A reader of samples in any form, which finds the form of each record by its content, plain or as gzip:
 *
 * <ul>
 *   <li>JSON begins with <code>{</code> or {@code [}: metric events have, in the first object, a member
 *       {@code schema_version}, {@code event_type} or {@code metrics}, and are read as by {@link MetricEventDecoder},
 *       all else as by {@link SampleJsonDecoder};
 *   <li>CSV begins with a header, of samples ({@link SampleCsvDecoder}) or of nvidia-smi ({@link NvidiaSmiCsvDecoder});
 *   <li>line protocol ({@link LineProtocolDecoder}) has, in its first line that is no comment, fields with values;
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
    private static final Map<Form, Function<SampleRules, GpuSampleDecoder>> DECODERS = Map.of(
            Detection.EXPOSITION, rules -> new ExpositionTextDecoder(rules, false),
            Detection.CSV, SampleCsvDecoder::new,
            Detection.NVIDIA_SMI, NvidiaSmiCsvDecoder::new,
            Detection.JSON, SampleJsonDecoder::new,
            Detection.EVENT, MetricEventDecoder::new,
            Detection.LINE_PROTOCOL, rules -> new LineProtocolDecoder(rules, LineProtocolRules.DEFAULT));

    private final SampleRules rules;
    private final SampleDecoding decoding;

    private DetectingDecoder(Builder builder) {
        CsvCells.requireLibrary();
        JsonLibrary.require();
        this.rules = new SampleRules(builder);
        this.decoding = new SampleDecoding(rules, DetectedReading::new);
    }

    /**
     * Returns the decoder of the form of a record, with the options of this one, for programs that treat the forms
     * differently. Neither the position nor the limit of the buffer is changed.
     *
     * @param source the bytes of a record, plain or as gzip
     * @return empty if nothing is recognised
     * @throws io.gpufleet.telemetry.CodecException if the record is larger than the limit
     */
    public Optional<GpuSampleDecoder> decoderOf(ByteBuffer source) {
        return Detection.form(decoding.unpack(requireNonNull(source, "source")), rules)
                .flatMap(form -> Optional.ofNullable(DECODERS.get(form)))
                .map(decoder -> decoder.apply(rules));
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

    @Override
    public Map<Integer, String> places(byte[] source, SortedSet<Integer> indexes) {
        return decoding.places(source, indexes);
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
