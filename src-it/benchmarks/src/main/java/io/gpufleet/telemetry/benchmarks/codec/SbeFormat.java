package io.gpufleet.telemetry.benchmarks.codec;

import io.gpufleet.telemetry.benchmarks.codec.sbe.HeartbeatMessageDecoder;
import io.gpufleet.telemetry.benchmarks.codec.sbe.HeartbeatMessageEncoder;
import io.gpufleet.telemetry.benchmarks.codec.sbe.MessageHeaderDecoder;
import io.gpufleet.telemetry.benchmarks.codec.sbe.MessageHeaderEncoder;
import io.gpufleet.telemetry.heartbeat.ClientId;
import io.gpufleet.telemetry.heartbeat.DevicePod;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.PackedBytes;
import io.gpufleet.telemetry.heartbeat.PackedShorts;
import io.gpufleet.telemetry.heartbeat.SystemInfo;
import java.nio.ByteBuffer;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import uk.co.real_logic.sbe.SbeTool;

/** SBE with the flyweights that its tool generates, used again for each message, and the record made of them. */
final class SbeFormat implements Format {
    private static final int BYTES_WITHOUT_PODS = MessageHeaderEncoder.ENCODED_LENGTH
            + HeartbeatMessageEncoder.BLOCK_LENGTH
            + HeartbeatMessageEncoder.PodsEncoder.sbeHeaderSize();
    private static final int POD_BYTES = HeartbeatMessageEncoder.PodsEncoder.sbeBlockLength();

    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[0]);
    private final MessageHeaderEncoder headerEncoder = new MessageHeaderEncoder();
    private final HeartbeatMessageEncoder encoder = new HeartbeatMessageEncoder();
    private final MessageHeaderDecoder headerDecoder = new MessageHeaderDecoder();
    private final HeartbeatMessageDecoder decoder = new HeartbeatMessageDecoder();

    @Override
    public String name() {
        return "SBE " + Versions.of(SbeTool.class);
    }

    @Override
    public String settings() {
        return "Agrona " + Versions.of(DirectBuffer.class) + ", bounds checks: " + DirectBuffer.SHOULD_BOUNDS_CHECK
                + ", generated with its defaults, integers in two halves for what has 128 bits";
    }

    @Override
    public byte[] encode(Heartbeat heartbeat) {
        byte[] bytes =
                new byte[BYTES_WITHOUT_PODS + POD_BYTES * heartbeat.pods().size()];
        buffer.wrap(bytes);
        write(heartbeat);
        return bytes;
    }

    @Override
    public void encode(Heartbeat heartbeat, ByteBuffer target) {
        buffer.wrap(target, target.position(), target.remaining());
        target.position(target.position() + write(heartbeat));
    }

    private int write(Heartbeat heartbeat) {
        encoder.wrapAndApplyHeader(buffer, 0, headerEncoder);
        writeHeader(heartbeat);
        List<DevicePod> pods = heartbeat.pods();
        HeartbeatMessageEncoder.PodsEncoder group = encoder.podsCount(pods.size());
        for (int index = 0; index < pods.size(); index++) {
            write(pods.get(index), group.next());
        }
        return encoder.limit();
    }

    private void writeHeader(Heartbeat heartbeat) {
        SystemInfo info = heartbeat.systemInfo();
        encoder.clientIdHigh(heartbeat.clientId().high())
                .clientIdLow(heartbeat.clientId().low())
                .cpuUsage((short) info.cpuUsage())
                .memoryUsage((short) info.memoryUsage())
                .diskUsage((short) info.diskUsage())
                .networkRx(info.networkRx())
                .networkTx(info.networkTx())
                .deviceMemTotalGb(heartbeat.deviceMemTotalGb())
                .deviceCount(heartbeat.deviceCount())
                .totalTflops(heartbeat.totalTflops());
    }

    private static void write(DevicePod pod, HeartbeatMessageEncoder.PodsEncoder target) {
        target.num(pod.num())
                .podId(pod.podId())
                .podTflops(pod.totalTflops())
                .memTotalGb(pod.memTotalGb())
                .port(pod.port())
                .ip(pod.ip())
                .osType((short) EnumConstants.index(pod.osType()))
                .engineType((short) EnumConstants.index(pod.engineType()))
                .usage(pod.usage().bits())
                .podMemoryUsage(pod.memoryUsage().bits())
                .powerUsage(pod.powerUsage().bits())
                .temperature(pod.temperature().bits())
                .vendorIdHigh(pod.vendorId().high())
                .vendorIdLow(pod.vendorId().low())
                .deviceIdHigh(pod.deviceId().high())
                .deviceIdLow(pod.deviceId().low())
                .memorySizeGbHigh(pod.memorySizeGb().high())
                .memorySizeGbLow(pod.memorySizeGb().low())
                .powerLimitWattsHigh(pod.powerLimitWatts().high())
                .powerLimitWattsLow(pod.powerLimitWatts().low());
    }

    @Override
    public Heartbeat decode(byte[] bytes) {
        buffer.wrap(bytes);
        decoder.wrapAndApplyHeader(buffer, 0, headerDecoder);
        return new Heartbeat(
                new ClientId(decoder.clientIdHigh(), decoder.clientIdLow()),
                new SystemInfo(
                        decoder.cpuUsage(),
                        decoder.memoryUsage(),
                        decoder.diskUsage(),
                        decoder.networkRx(),
                        decoder.networkTx()),
                decoder.deviceMemTotalGb(),
                decoder.deviceCount(),
                decoder.totalTflops(),
                readPods(decoder.pods()));
    }

    private static List<DevicePod> readPods(HeartbeatMessageDecoder.PodsDecoder group) {
        DevicePod[] pods = new DevicePod[group.count()];
        for (int index = 0; index < pods.length; index++) {
            pods[index] = readPod(group.next());
        }
        return List.of(pods);
    }

    private static DevicePod readPod(HeartbeatMessageDecoder.PodsDecoder source) {
        return new DevicePod(
                source.num(),
                source.podId(),
                source.podTflops(),
                source.memTotalGb(),
                source.port(),
                source.ip(),
                EnumConstants.osType(source.osType()),
                EnumConstants.engineType(source.engineType()),
                new PackedBytes(source.usage()),
                new PackedBytes(source.podMemoryUsage()),
                new PackedBytes(source.powerUsage()),
                new PackedBytes(source.temperature()),
                new PackedShorts(source.vendorIdHigh(), source.vendorIdLow()),
                new PackedShorts(source.deviceIdHigh(), source.deviceIdLow()),
                new PackedShorts(source.memorySizeGbHigh(), source.memorySizeGbLow()),
                new PackedShorts(source.powerLimitWattsHigh(), source.powerLimitWattsLow()));
    }
}
