package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.ScrapeHeaders;
import java.nio.ByteBuffer;

/**
 * A reader of the GPU samples of a record. All forms of input follow the same rules: a reading without a value is
 * counted and left out, an impossible one refused, an unreadable row costs this row and no other. Thread-safe.
 *
 * <p>Counted with the values of a record ({@link Values#count}) are "no value", "label field" (a row of a field that is
 * a label of its GPU), "other metric" (without a prefix of DCGM), "not a GPU", "labels unreadable" (of a sample that is
 * kept), and "malformed text" (not UTF-8, and kept). The kind of a refusal is its GPU and metric, as far as they can be
 * read, and the reason without its numbers.
 *
 * <p>At most 1,000 rows of a record are refused one by one; all further ones are refused together, as its last value,
 * so that a record of nothing but rubbish does not take more memory than a good one.
 */
public sealed interface GpuSampleDecoder extends Decoder<GpuSample>
        permits ExpositionTextDecoder,
                SampleCsvDecoder,
                SampleJsonDecoder,
                NvidiaSmiCsvDecoder,
                MetricEventDecoder,
                LineProtocolDecoder,
                DetectingDecoder {

    /**
     * Returns a builder of a decoder that finds the form of each record by its content.
     *
     * @return a builder with the default options
     */
    static DetectingDecoder.Builder detecting() {
        return new DetectingDecoder.Builder();
    }

    /**
     * Reads all samples of a record. The scrape time is that of its header {@link ScrapeHeaders#TIME}, else its
     * timestamp if that is the producer's, else the decoder's own; the host is that of its header
     * {@link ScrapeHeaders#HOST}, else the decoder's own, else the labels say it. A record whose header holds no time
     * is refused whole.
     *
     * @param source a record that has a value, plain or as gzip
     * @param values takes the samples
     * @throws CodecException if the value, or the rest of it, is not samples
     * @throws java.util.NoSuchElementException if the record has no value
     */
    @Override
    default void decode(SourceRecord source, Values<? super GpuSample> values) {
        ByteBuffer text = ByteBuffer.wrap(source.value().orElseThrow());
        ScrapeContext context;
        try {
            context = ScrapeContext.of(source);
        } catch (CodecException unreadable) {
            values.refuse(unreadable.reason());
            return;
        }
        decode(text, context, values);
    }

    /**
     * Reads all samples between the buffer's position and its limit. The buffer's byte order is neither used nor
     * changed; its position afterwards is unspecified.
     *
     * @param source the bytes of a record, plain or as gzip
     * @param context the time and the host of the record, where the decoder's own do not hold
     * @param values takes the samples
     * @throws CodecException if the bytes, or the rest of them, are not samples
     */
    void decode(ByteBuffer source, ScrapeContext context, Values<? super GpuSample> values);

    /**
     * Reads all samples of a record of which nothing else is known.
     *
     * @param source the bytes of a record, plain or as gzip
     * @param values takes the samples
     * @throws CodecException if the bytes, or the rest of them, are not samples
     */
    @Override
    default void decode(ByteBuffer source, Values<? super GpuSample> values) {
        decode(source, ScrapeContext.NONE, values);
    }
}
