package io.gpufleet.telemetry.codec;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.heartbeat.DevicePod;
import io.gpufleet.telemetry.heartbeat.EngineType;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.OsType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Damage of an encoded heartbeat at the number of pods and at enum indexes. These places are found by encoding the
 * heartbeat once more with another number of pods, or with another constant in a pod: they are at the first byte that
 * differs. Not thread-safe.
 */
final class Damage {
    private static final int MOST_OVERWRITTEN = 12;
    private static final int MOST_ADDED = 300;

    private final FuzzedDataProvider data;
    private final Codec<Heartbeat> codec;
    private final Heartbeat heartbeat;
    private final byte[] good;
    private byte[] bytes;

    Damage(FuzzedDataProvider data, Codec<Heartbeat> codec, Heartbeat heartbeat) {
        this.data = data;
        this.codec = codec;
        this.heartbeat = heartbeat;
        this.good = codec.encode(heartbeat);
        this.bytes = good.clone();
    }

    /** Returns the bytes, damaged in none to three ways. */
    byte[] bytes() {
        for (int times = data.consumeInt(0, 3); times > 0; times--) {
            damage();
        }
        return bytes;
    }

    /** Returns whether the bytes equal the encoded ones. */
    boolean isNone() {
        return Arrays.equals(good, bytes);
    }

    private void damage() {
        switch (data.consumeInt(0, 5)) {
            case 0 -> bytes = Arrays.copyOf(bytes, data.consumeInt(0, bytes.length));
            case 1 -> flip();
            case 2 -> lengthen();
            case 3 -> overwrite(countOffset());
            case 4 -> overwrite(osTypeOffset());
            default -> overwrite(engineTypeOffset());
        }
    }

    private void flip() {
        if (bytes.length > 0) {
            bytes[data.consumeInt(0, bytes.length - 1)] ^= (byte) (1 << data.consumeInt(0, Byte.SIZE - 1));
        }
    }

    private void lengthen() {
        byte[] more = data.consumeBytes(data.consumeInt(0, MOST_ADDED));
        int end = bytes.length;
        bytes = Arrays.copyOf(bytes, end + more.length);
        System.arraycopy(more, 0, bytes, end, more.length);
    }

    private void overwrite(int offset) {
        byte[] others = data.consumeBytes(data.consumeInt(1, MOST_OVERWRITTEN));
        int from = Math.min(offset, bytes.length);
        System.arraycopy(others, 0, bytes, from, Math.min(others.length, bytes.length - from));
    }

    private int countOffset() {
        return firstDifference(heartbeat.pods().isEmpty() ? List.of(DevicePod.of(List.of())) : List.of());
    }

    private int osTypeOffset() {
        return offsetInAPod(pod -> with(pod, pod.osType() == OsType.NONE ? OsType.IOS : OsType.NONE, pod.engineType()));
    }

    private int engineTypeOffset() {
        return offsetInAPod(pod ->
                with(pod, pod.osType(), pod.engineType() == EngineType.NONE ? EngineType.LLAMA : EngineType.NONE));
    }

    private int offsetInAPod(UnaryOperator<DevicePod> change) {
        if (heartbeat.pods().isEmpty()) {
            return countOffset();
        }
        List<DevicePod> pods = new ArrayList<>(heartbeat.pods());
        int pod = data.consumeInt(0, pods.size() - 1);
        pods.set(pod, change.apply(pods.get(pod)));
        return firstDifference(pods);
    }

    private int firstDifference(List<DevicePod> pods) {
        return Arrays.mismatch(
                good,
                codec.encode(new Heartbeat(
                        heartbeat.clientId(),
                        heartbeat.systemInfo(),
                        heartbeat.deviceMemTotalGb(),
                        heartbeat.deviceCount(),
                        heartbeat.totalTflops(),
                        pods)));
    }

    private static DevicePod with(DevicePod pod, OsType osType, EngineType engineType) {
        return new DevicePod(
                pod.num(),
                pod.podId(),
                pod.totalTflops(),
                pod.memTotalGb(),
                pod.port(),
                pod.ip(),
                osType,
                engineType,
                pod.usage(),
                pod.memoryUsage(),
                pod.powerUsage(),
                pod.temperature(),
                pod.vendorId(),
                pod.deviceId(),
                pod.memorySizeGb(),
                pod.powerLimitWatts());
    }
}
