package io.gpufleet.telemetry.integration.consumer;

import io.gpufleet.telemetry.Codec;
import java.nio.ByteBuffer;

/** A codec that returns the bytes unchanged. */
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
