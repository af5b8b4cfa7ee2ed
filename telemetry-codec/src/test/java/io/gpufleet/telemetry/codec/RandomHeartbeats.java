package io.gpufleet.telemetry.codec;

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
import java.util.SplittableRandom;

/**
 * Heartbeats from a seed. Integers have a random number of bits, so that every length of a variable integer occurs. Not
 * thread-safe.
 */
final class RandomHeartbeats {
    private static final int MOST_PODS = 12;

    private final SplittableRandom random;

    RandomHeartbeats(long seed) {
        this.random = new SplittableRandom(seed);
    }

    Heartbeat next() {
        return next(random.nextInt(MOST_PODS));
    }

    Heartbeat next(int podCount) {
        List<DevicePod> pods = new ArrayList<>();
        for (int pod = 0; pod < podCount; pod++) {
            pods.add(pod());
        }
        return new Heartbeat(
                new ClientId(random.nextLong(), random.nextLong()), systemInfo(), u32(), u32(), u32(), pods);
    }

    private SystemInfo systemInfo() {
        return new SystemInfo(random.nextInt(256), random.nextInt(256), random.nextInt(256), u64(), u64());
    }

    private DevicePod pod() {
        return new DevicePod(
                u16(),
                u16(),
                u16(),
                u16(),
                u16(),
                u32(),
                anyOf(OsType.values()),
                anyOf(EngineType.values()),
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
        return new PackedShorts(random.nextBoolean() ? u64() : 0, u64());
    }

    private int u16() {
        return (int) bits(Short.SIZE);
    }

    private long u32() {
        return bits(Integer.SIZE);
    }

    private long u64() {
        return bits(Long.SIZE);
    }

    private long bits(int most) {
        int bits = random.nextInt(most + 1);
        return bits == 0 ? 0 : random.nextLong() >>> (Long.SIZE - bits);
    }

    private <T> T anyOf(T[] values) {
        return values[random.nextInt(values.length)];
    }
}
