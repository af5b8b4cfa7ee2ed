package io.gpufleet.telemetry.benchmarks.codec;

import com.esotericsoftware.kryo.kryo5.Kryo;
import com.esotericsoftware.kryo.kryo5.io.ByteBufferOutput;
import com.esotericsoftware.kryo.kryo5.io.Input;
import com.esotericsoftware.kryo.kryo5.io.Output;
import com.esotericsoftware.kryo.kryo5.serializers.ImmutableCollectionsSerializers;
import io.gpufleet.telemetry.heartbeat.ClientId;
import io.gpufleet.telemetry.heartbeat.DevicePod;
import io.gpufleet.telemetry.heartbeat.EngineType;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.OsType;
import io.gpufleet.telemetry.heartbeat.PackedBytes;
import io.gpufleet.telemetry.heartbeat.PackedShorts;
import io.gpufleet.telemetry.heartbeat.SystemInfo;
import java.nio.ByteBuffer;
import java.util.List;

/** Kryo with its own serializers of records and lists, every class registered, its objects reused. */
final class KryoFormat implements Format {
    private static final int FIRST_CAPACITY = 1024;
    private static final List<Class<?>> CLASSES = List.of(
            Heartbeat.class,
            ClientId.class,
            SystemInfo.class,
            DevicePod.class,
            OsType.class,
            EngineType.class,
            PackedBytes.class,
            PackedShorts.class);

    private final Kryo kryo = new Kryo();
    private final Input input = new Input();
    private final Output output = new Output(FIRST_CAPACITY, -1);
    private final ByteBufferOutput given = new ByteBufferOutput();

    KryoFormat() {
        ImmutableCollectionsSerializers.registerSerializers(kryo);
        CLASSES.forEach(kryo::register);
    }

    @Override
    public String name() {
        return "Kryo " + Versions.of(Kryo.class);
    }

    @Override
    public String settings() {
        return "registration required: " + kryo.isRegistrationRequired() + ", references: " + kryo.getReferences()
                + ", serializer of records: "
                + kryo.getSerializer(Heartbeat.class).getClass().getSimpleName();
    }

    @Override
    public byte[] encode(Heartbeat heartbeat) {
        output.reset();
        kryo.writeObject(output, heartbeat);
        return output.toBytes();
    }

    @Override
    public void encode(Heartbeat heartbeat, ByteBuffer target) {
        given.setBuffer(target);
        kryo.writeObject(given, heartbeat);
    }

    @Override
    public Heartbeat decode(byte[] bytes) {
        input.setBuffer(bytes);
        return kryo.readObject(input, Heartbeat.class);
    }
}
