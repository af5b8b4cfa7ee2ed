package io.gpufleet.telemetry.codec;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.heartbeat.EngineType;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The heartbeat in the form of Rust's bincode 2, little endian, without header and version: {@link #fixed()} integers
 * of fixed width, which is the form of the topic {@code client-heartbeats}, or {@link #varint()} integers of variable
 * length, bincode's standard configuration.
 *
 * <pre>{@code
 * field                                             type           fixed      varint
 * client_id                                         [u8; 16]       16 bytes   16 bytes
 * cpu_usage, memory_usage, disk_usage               u8             1          1
 * network_rx, network_tx                            u64            8          1 to 9
 * device_memtotal_gb, device_count, total_tflops    u32            4          1 to 5
 * n, the number of pods                             u64            8          1 to 9
 * each pod: num, pod_id, total_tflops,
 *           memtotal_gb, port                       u16            2          1 to 3
 *           ip                                      u32            4          1 to 5
 *           os_type, engine_type (index from 0)     u32            4          1 to 5
 *           usage, mem_usage, power_usage, temp     u64            8          1 to 9
 *           vendor_id, device_id, memsize_gb,
 *           powerlimit_w                            u128           16         1 to 17
 * }</pre>
 *
 * <p>The fixed form is exactly {@code 55 + 118 n} bytes. A variable integer below 251 is one byte; otherwise a byte
 * 251, 252, 253 or 254 comes before a u16, u32, u64 or u128. A decoder accepts longer forms of a small value, as Rust
 * does, up to the width of the field's type; an encoder writes the shortest form.
 *
 * <p>A payload is refused with the field and the byte offset if it ends too early, has bytes left over, has more pods
 * than the limit (default: 1,024) or than its bytes can hold, or an enum index that does not exist. The number of pods
 * is checked before anything is allocated. The values are checked by the validator only. Thread-safe.
 */
public final class BincodeHeartbeatCodec implements Codec<Heartbeat> {
    private final BincodeForm form;
    private final DecodingRules rules;

    private BincodeHeartbeatCodec(Builder builder) {
        this.rules = new DecodingRules(builder.maxPods, builder.engineTypes, builder.trailingBytes);
        this.form = builder.varint ? new VarintForm(rules) : new FixedForm(rules);
    }

    /**
     * Returns the codec of the topic {@code client-heartbeats}: integers of fixed width, with the default options.
     *
     * @return a thread-safe codec
     */
    public static BincodeHeartbeatCodec fixed() {
        return builder().build();
    }

    /**
     * Returns the codec of bincode's standard configuration: integers of variable length, with the default options.
     *
     * @return a thread-safe codec
     */
    public static BincodeHeartbeatCodec varint() {
        return builder().varint().build();
    }

    /**
     * Returns a builder with the fixed form and the default options.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns the length of a heartbeat in bytes.
     *
     * @throws IllegalArgumentException if the heartbeat has more pods than the limit
     */
    @Override
    public int encodedSize(Heartbeat heartbeat) {
        requireNonNull(heartbeat, "heartbeat");
        rules.requirePods(heartbeat.pods().size());
        return form.size(heartbeat);
    }

    /**
     * Writes a heartbeat; nothing is allocated.
     *
     * @throws IllegalArgumentException if the heartbeat has more pods than the limit
     */
    @Override
    public void encode(Heartbeat heartbeat, ByteBuffer target) {
        requireNonNull(target, "target");
        if (encodedSize(heartbeat) > target.remaining()) {
            throw new BufferOverflowException();
        }
        form.write(heartbeat, target);
    }

    @Override
    public Heartbeat decode(ByteBuffer source) {
        requireNonNull(source, "source");
        return form.read(source);
    }

    @Override
    public Heartbeat decode(byte[] bytes) {
        requireNonNull(bytes, "bytes");
        return form.read(bytes);
    }

    /** Builds a {@link BincodeHeartbeatCodec}. Not thread-safe. */
    public static final class Builder {
        /** The pods that fill the range of a 16-bit device index, with eight devices each. */
        private static final int LARGEST_MAX_PODS = 4096;

        private int maxPods = DecodingRules.DEFAULT_MAX_PODS;
        private boolean varint;
        private boolean trailingBytes;
        private List<EngineType> engineTypes = EnumIndexes.ENGINE_TYPES;

        private Builder() {}

        /**
         * Sets integers of variable length. Default: fixed width.
         *
         * @return this
         */
        public Builder varint() {
            this.varint = true;
            return this;
        }

        /**
         * Accepts bytes behind the heartbeat and leaves them unread. Default: such a payload is refused.
         *
         * @return this
         */
        public Builder acceptTrailingBytes() {
            this.trailingBytes = true;
            return this;
        }

        /**
         * Reads engine index 4 as {@code NONE}, as producers before 2025-11-20 meant it. Index 5 is {@code NONE} too,
         * so that such a topic can be read while its producers are being replaced; only {@code LLAMA} cannot be
         * distinguished from {@code NONE} then. Encoding does not change: it writes today's indexes. Default: 4 is
         * {@code LLAMA}.
         *
         * @return this
         */
        public Builder producersBefore20251120() {
            this.engineTypes = EnumIndexes.ENGINE_TYPES_BEFORE_20251120;
            return this;
        }

        /**
         * Sets the largest number of pods of a heartbeat, for decoding and encoding.
         *
         * @param pods 1 to 4,096 (default: 1,024)
         * @return this
         */
        public Builder maxPods(int pods) {
            if (pods < 1 || pods > LARGEST_MAX_PODS) {
                throw new IllegalArgumentException("maxPods: " + pods + " is not between 1 and " + LARGEST_MAX_PODS);
            }
            this.maxPods = pods;
            return this;
        }

        /**
         * Builds the codec.
         *
         * @return a thread-safe codec
         */
        public BincodeHeartbeatCodec build() {
            return new BincodeHeartbeatCodec(this);
        }
    }
}
