package io.gpufleet.telemetry.benchmarks.codec;

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
import org.apache.fory.Fory;
import org.apache.fory.memory.MemoryBuffer;
import org.apache.fory.memory.MemoryUtils;

/** Fory in its Java-only form, with every class registered, and with generated code. */
final class ForyFormat implements Format {
    private static final List<Class<?>> CLASSES = List.of(
            Heartbeat.class,
            ClientId.class,
            SystemInfo.class,
            DevicePod.class,
            OsType.class,
            EngineType.class,
            PackedBytes.class,
            PackedShorts.class);

    private final Fory fory = Fory.builder()
            .withXlang(false)
            .withCompatible(false)
            .withRefTracking(false)
            .withCodegen(true)
            .withAsyncCompilation(false)
            .requireClassRegistration(true)
            .build();

    ForyFormat() {
        CLASSES.forEach(fory::register);
    }

    @Override
    public String name() {
        return "Fory " + Versions.of(Fory.class);
    }

    @Override
    public String settings() {
        return "registration required, with generated code; without references, xlang and compatible mode";
    }

    @Override
    public byte[] encode(Heartbeat heartbeat) {
        return fory.serialize(heartbeat);
    }

    @Override
    public void encode(Heartbeat heartbeat, ByteBuffer target) {
        MemoryBuffer buffer = MemoryUtils.wrap(target);
        fory.serialize(buffer, heartbeat);
        target.position(target.position() + buffer.writerIndex());
    }

    @Override
    public Heartbeat decode(byte[] bytes) {
        return fory.deserialize(bytes, Heartbeat.class);
    }
}
