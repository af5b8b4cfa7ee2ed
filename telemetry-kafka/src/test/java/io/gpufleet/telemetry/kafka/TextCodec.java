package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.CodecException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A codec of texts; it refuses those that begin with {@code damaged}, and has a defect for {@code explodes}. */
public final class TextCodec implements Codec<String> {

    @Override
    public int encodedSize(String value) {
        return value.getBytes(StandardCharsets.UTF_8).length;
    }

    @Override
    public void encode(String value, ByteBuffer target) {
        target.put(value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String decode(ByteBuffer source) {
        String text = StandardCharsets.UTF_8.decode(source).toString();
        if (text.startsWith("damaged")) {
            throw new CodecException("no text", 7);
        }
        if (text.startsWith("explodes")) {
            throw new IllegalStateException("a defect");
        }
        return text;
    }
}
