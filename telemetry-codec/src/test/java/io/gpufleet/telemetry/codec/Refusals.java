package io.gpufleet.telemetry.codec;

import static org.assertj.core.api.Assertions.fail;

import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.CodecException;
import java.nio.ByteBuffer;

/** Assertions that bytes are refused in accordance with the contract of {@link Codec}. */
final class Refusals {
    private Refusals() {}

    static CodecException assertRefused(Codec<?> codec, byte[] bytes) {
        return assertRefused(codec, bytes, bytes.length);
    }

    static CodecException assertRefused(Codec<?> codec, byte[] bytes, int length) {
        try {
            codec.decode(ByteBuffer.wrap(bytes, 0, length));
        } catch (CodecException refusal) {
            // A plain condition, because it is called more than a hundred thousand times.
            if (refusal.reason().isBlank() || refusal.offset() < 0 || refusal.offset() > length) {
                fail("Not a refusal of %d bytes: %s", length, refusal.getMessage());
            }
            return refusal;
        }
        return fail("Decoded %d of %d bytes", length, bytes.length);
    }
}
