package io.gpufleet.telemetry.integration.consumer;

import io.gpufleet.telemetry.Codec;
import java.nio.ByteBuffer;

/** The bytes as they are. */
final class BytesCodec implements Codec<byte[]> {

    @Override
    public int encodedSize(byte[] value) {
        return value.length;
    }

    @Override
    public void encode(byte[] value, ByteBuffer target) {
        target.put(value);
    }

    @Override
    public byte[] decode(ByteBuffer source) {
        byte[] value = new byte[source.remaining()];
        source.get(value);
        return value;
    }
}
