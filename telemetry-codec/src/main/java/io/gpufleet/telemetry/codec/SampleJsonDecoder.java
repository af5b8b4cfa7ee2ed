package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.gpu.GpuSample;
import java.nio.ByteBuffer;
import java.util.Map;
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
    private final SampleDecoding decoding;

    SampleJsonDecoder(SampleRules rules) {
        JsonLibrary.require();
        this.decoding = new SampleDecoding(rules, JsonReading::new);
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
        decoding.decode(source, context, values);
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
        return decoding.excerpt(source, indexes);
    }

    @Override
    public Map<Integer, String> places(byte[] source, SortedSet<Integer> indexes) {
        return decoding.places(source, indexes);
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
            return new SampleJsonDecoder(new SampleRules(this));
        }
    }
}
