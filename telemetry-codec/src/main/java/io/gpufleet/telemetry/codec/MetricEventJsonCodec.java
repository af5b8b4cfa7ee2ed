package io.gpufleet.telemetry.codec;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.gpu.MetricEvent;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;

/**
 * The JSON form of a {@link MetricEvent}, version 1.0 and 1.1.
 *
 * <pre>{@code
 * {"schema_version":"1.1","event_type":"gpu_metric_sample","timestamp":"2026-03-01T12:00:00.123456Z",
 *  "gpu":{"gpu_uuid":"GPU-…","device_index":0},"host":{"hostname":"n1"},
 *  "metrics":{"health":{"gpu_temp_c":65,"throttle_reasons":4,"throttle_reasons_decoded":["SW_POWER_CAP"]},
 *   "memory":{"fb_used_mib":1000},"performance":{"sm_active_pct":80.5},"energy":{"total_energy_consumption_mj":15347724978}}}
 * }</pre>
 *
 * <p>The objects {@code gpu}, {@code host}, {@code metrics} and, in it, {@code health}, {@code memory},
 * {@code performance} and {@code clocks} may be empty and are always written; one that is missing, or null, is a
 * {@linkplain MetricEvent#faults() fault} of the event. Any other member may be missing, or null; a missing reading is
 * not 0, and neither is a code of DCGM for "no value". Whole readings keep all their digits. A member of another kind
 * than its own, such as a number as a text, is a {@linkplain MetricEvent#faults() fault} of the event and is kept as it
 * came; so are members that are not known, by their place, in which a backslash stands before a dot or a backslash of a
 * name. In {@code quality} and {@code asset} such members are kept without a fault. Times are RFC 3339 with an offset,
 * cut to microseconds.
 *
 * <p>Refused are bytes that are no JSON object, a member that stands twice, an asset of which no GPU is known, and what
 * exceeds a limit: a message of 1 MiB, a text of 64 KiB, 128 members that are not known, a nesting of 32. Malformed
 * UTF-8 becomes U+FFFD.
 *
 * <p>Needs the library {@code com.fasterxml.jackson.core:jackson-core}. Thread-safe. Source: RFC 8259.
 */
public final class MetricEventJsonCodec implements Codec<MetricEvent> {
    private static final int DEFAULT_MESSAGE = 1 << 20;
    private static final int LARGEST = 256 << 20;

    private final SampleLimits limits;
    private final SampleCounts counts;

    private MetricEventJsonCodec(Builder builder) {
        JsonLibrary.require();
        this.limits =
                new SampleLimits(builder.messageBytes, builder.messageBytes, builder.textBytes, builder.unknownMembers);
        this.counts = builder.counts;
    }

    /**
     * Returns a codec with the default limits.
     *
     * @return a thread-safe codec
     * @throws IllegalStateException if the library is not there
     */
    public static MetricEventJsonCodec create() {
        return builder().build();
    }

    /**
     * Returns a builder with the default limits.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public int encodedSize(MetricEvent event) {
        return encode(event).length;
    }

    @Override
    public void encode(MetricEvent event, ByteBuffer target) {
        byte[] json = encode(event);
        if (requireNonNull(target, "target").remaining() < json.length) {
            throw new BufferOverflowException();
        }
        target.put(json);
    }

    @Override
    public byte[] encode(MetricEvent event) {
        return new EventWriter(requireNonNull(event, "event")).write();
    }

    @Override
    public MetricEvent decode(ByteBuffer source) {
        int length = requireNonNull(source, "source").remaining();
        if (length > limits.messageBytes()) {
            throw new CodecException("message has " + length + " bytes, the limit is " + limits.messageBytes(), 0);
        }
        MetricEvent event;
        if (source.hasArray()) {
            event = decode(source.array(), source.arrayOffset() + source.position(), length);
            source.position(source.limit());
        } else {
            byte[] json = new byte[length];
            source.get(json);
            event = decode(json, 0, length);
        }
        return event;
    }

    private MetricEvent decode(byte[] json, int from, int length) {
        EventScanner scanner = new EventScanner(limits, json, from, from + length);
        MetricEvent usual = scanner.single();
        if (usual != null) {
            counts.add(scanner.leftOut());
            return usual;
        }
        LeftOut leftOut = new LeftOut();
        MetricEvent event = new EventParsing(limits, leftOut).parse(json, from, length);
        counts.add(leftOut);
        return event;
    }

    /** Builds a {@link MetricEventJsonCodec}. Not thread-safe. */
    public static final class Builder {
        private int messageBytes = DEFAULT_MESSAGE;
        private int textBytes = SampleLimits.DEFAULT.labelBytes();
        private int unknownMembers = SampleLimits.DEFAULT.labels();
        private SampleCounts counts = new SampleCounts();

        private Builder() {}

        /**
         * Sets the largest message.
         *
         * @param bytes its bytes: 1 to 256 MiB (default: 1 MiB)
         * @return this
         */
        public Builder maxMessageBytes(int bytes) {
            this.messageBytes = SampleDecoderBuilder.within("maxMessageBytes", bytes, LARGEST);
            return this;
        }

        /**
         * Sets the longest text.
         *
         * @param bytes its bytes: 1 to 256 MiB (default: 64 KiB)
         * @return this
         */
        public Builder maxTextBytes(int bytes) {
            this.textBytes = SampleDecoderBuilder.within("maxTextBytes", bytes, LARGEST);
            return this;
        }

        /**
         * Sets the most members that are not known.
         *
         * @param count their number: 1 to 10,000 (default: 128)
         * @return this
         */
        public Builder maxUnknownMembers(int count) {
            this.unknownMembers = SampleDecoderBuilder.within("maxUnknownMembers", count, 10_000);
            return this;
        }

        /**
         * Sets the counts of readings without a value, and of malformed texts.
         *
         * @param counts the counts, which decoders may share (default: they are not kept)
         * @return this
         */
        public Builder counts(SampleCounts counts) {
            this.counts = requireNonNull(counts, "counts");
            return this;
        }

        /**
         * Builds the codec.
         *
         * @return a thread-safe codec
         * @throws IllegalStateException if the library is not there
         */
        public MetricEventJsonCodec build() {
            return new MetricEventJsonCodec(this);
        }
    }
}
