package io.gpufleet.telemetry.codec;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.codec.Entry.Place;
import io.gpufleet.telemetry.gpu.GpuSample;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SortedSet;

/**
 * A reader of samples as JSON: an object, an array of twelve texts, or an array of objects, which is a batch.
 *
 * <pre>{@code
 * {"timestamp":"2026-03-01T12:00:00Z","metric_name":"DCGM_FI_DEV_GPU_UTIL","gpu_id":3,"device":"nvidia3","uuid":"GPU-…",
 *  "modelName":"NVIDIA H100","Hostname":"n1","container":"","pod":"","namespace":"","value":97.5,"labels_raw":{"job":"dgx"}}
 *
 * ["2026-03-01T12:00:00Z","DCGM_FI_DEV_GPU_UTIL","3","nvidia3","GPU-…","NVIDIA H100","n1","","","","97.5","job=\"dgx\""]
 *
 * {"time":"2026-03-01T12:00:00Z","metric":"DCGM_FI_DEV_GPU_UTIL","gpu_id":"3","device_id":"nvidia3","uuid":"GPU-…",
 *  "model_name":"NVIDIA H100","hostname":"n1","value":97.5,"labels_raw":"job=\"dgx\""}
 * }</pre>
 *
 * <p>An array has the fields of CSV in their usual order. Both forms of an object may be mixed. Needed are time, metric
 * and value, and a UUID; a number may be a text, and {@code labels_raw} an object or a text. Members that are not known
 * become labels; {@code id} and {@code created_at} are left out. A member that stands twice refuses its element; text
 * that is no JSON, or nested deeper than 32, refuses the rest of the record.
 *
 * <p>Needs the library {@code com.fasterxml.jackson.core:jackson-core}. Limits: a message of 16 MiB, an element of 1 Mi
 * characters, a label value of 64 KiB, 128 labels. Thread-safe. Source: RFC 8259.
 */
public final class SampleJsonDecoder implements GpuSampleDecoder {
    private static final String PARSER = "com.fasterxml.jackson.core.JsonParser";

    private final SampleRules rules;

    private SampleJsonDecoder(Builder builder) {
        requireLibrary();
        this.rules = new SampleRules(builder);
    }

    /** Proves that the library is there. */
    static void requireLibrary() {
        try {
            Class.forName(PARSER, false, SampleJsonDecoder.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(
                    "JSON needs the library com.fasterxml.jackson.core:jackson-core, which is not on the class path",
                    e);
        }
    }

    /**
     * Returns a decoder with the default options.
     *
     * @return a thread-safe decoder
     * @throws IllegalStateException if the library is not there
     */
    public static SampleJsonDecoder create() {
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
        requireNonNull(values, "values");
        ScrapeContext complete = rules.complete(requireNonNull(context, "context"));
        Inflated unpacked =
                Inflated.of(requireNonNull(source, "source"), rules.limits().messageBytes());
        unpacked.requireWhole(0);
        JsonReading reading = new JsonReading(rules, complete, text(rules, unpacked));
        reading.read().handOver(values);
        reading.requireWhole(source.remaining());
    }

    private static String text(SampleRules rules, Inflated unpacked) {
        String text = new Utf8(rules.counts()).text(unpacked.bytes(), unpacked.from(), unpacked.to());
        return text.startsWith("\ufeff") ? text.substring(1) : text;
    }

    /**
     * Returns the refused elements of a batch, as an array of at most 64 KiB; any other message unchanged.
     *
     * @param source the bytes of the record
     * @param indexes the indexes of the refused values
     * @return the elements; {@code source} if the rest of it cannot be read
     */
    @Override
    public byte[] excerpt(byte[] source, SortedSet<Integer> indexes) {
        Inflated unpacked = Inflated.of(ByteBuffer.wrap(source), rules.limits().messageBytes());
        SampleRules uncounted = rules.uncounted();
        JsonReading reading = new JsonReading(uncounted, ScrapeContext.NONE, text(uncounted, unpacked));
        List<Place> places = reading.read().places();
        if (unpacked.isCut() || indexes.last() >= places.size()) {
            return source;
        }
        return reading.excerpt(indexes.stream().map(places::get).toList()).orElse(source);
    }

    /** Builds a {@link SampleJsonDecoder}. Not thread-safe. */
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
        public SampleJsonDecoder build() {
            return new SampleJsonDecoder(this);
        }
    }
}
