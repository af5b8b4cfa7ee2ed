package io.gpufleet.telemetry.codec;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import io.gpufleet.telemetry.heartbeat.ClientId;
import io.gpufleet.telemetry.heartbeat.DevicePod;
import io.gpufleet.telemetry.heartbeat.EngineType;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.OsType;
import io.gpufleet.telemetry.heartbeat.PackedBytes;
import io.gpufleet.telemetry.heartbeat.PackedShorts;
import io.gpufleet.telemetry.heartbeat.SystemInfo;
import java.util.ArrayList;
import java.util.List;

/** Heartbeats chosen by a fuzzer. Integers have a few bits or all of them. Not thread-safe. */
final class FuzzedHeartbeats {
    private static final int MOST_PODS = 4;

    private final FuzzedDataProvider data;

    FuzzedHeartbeats(FuzzedDataProvider data) {
        this.data = data;
    }

    Heartbeat next() {
        ClientId id = new ClientId(data.consumeLong(), data.consumeLong());
        SystemInfo info = new SystemInfo(u8(), u8(), u8(), u64(), u64());
        long memTotal = u32();
        long count = u32();
        long tflops = u32();
        List<DevicePod> pods = new ArrayList<>();
        for (int left = data.consumeInt(0, MOST_PODS); left > 0; left--) {
            pods.add(pod());
        }
        return new Heartbeat(id, info, memTotal, count, tflops, pods);
    }

    private DevicePod pod() {
        return new DevicePod(
                u16(),
                u16(),
                u16(),
                u16(),
                u16(),
                u32(),
                data.pickValue(OsType.values()),
                data.pickValue(EngineType.values()),
                new PackedBytes(u64()),
                new PackedBytes(u64()),
                new PackedBytes(u64()),
                new PackedBytes(u64()),
                shorts(),
                shorts(),
                shorts(),
                shorts());
    }

    private PackedShorts shorts() {
        return new PackedShorts(data.consumeBoolean() ? u64() : 0, u64());
    }

    private int u8() {
        return data.consumeInt(0, 0xff);
    }

    private int u16() {
        return data.consumeInt(0, data.consumeBoolean() ? 0xffff : 0xff);
    }

    private long u32() {
        return data.consumeLong(0, data.consumeBoolean() ? 0xffff_ffffL : 0xff);
    }

    private long u64() {
        return data.consumeBoolean() ? data.consumeLong() : data.consumeLong(0, 0xffff);
    }
}
