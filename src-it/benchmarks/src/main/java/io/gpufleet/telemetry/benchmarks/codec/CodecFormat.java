package io.gpufleet.telemetry.benchmarks.codec;

import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import java.nio.ByteBuffer;

/** A codec of this SDK, called as by the consumer. */
final class CodecFormat implements Format {
    private final String name;
    private final Codec<Heartbeat> codec;

    CodecFormat(String name, Codec<Heartbeat> codec) {
        this.name = name;
        this.codec = codec;
    }

    @Override
    public String name() {
        return name + " " + Versions.of(codec.getClass());
    }

    @Override
    public String settings() {
        return "the default options of the codec";
    }

    @Override
    public byte[] encode(Heartbeat heartbeat) {
        return codec.encode(heartbeat);
    }

    @Override
    public void encode(Heartbeat heartbeat, ByteBuffer target) {
        codec.encode(heartbeat, target);
    }

    @Override
    public Heartbeat decode(byte[] bytes) {
        return codec.decode(bytes);
    }
}
