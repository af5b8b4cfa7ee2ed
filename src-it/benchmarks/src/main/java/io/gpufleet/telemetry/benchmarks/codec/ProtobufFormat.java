package io.gpufleet.telemetry.benchmarks.codec;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import io.gpufleet.telemetry.benchmarks.codec.protobuf.HeartbeatMessage;
import io.gpufleet.telemetry.benchmarks.codec.protobuf.PodMessage;
import io.gpufleet.telemetry.heartbeat.ClientId;
import io.gpufleet.telemetry.heartbeat.DevicePod;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.PackedBytes;
import io.gpufleet.telemetry.heartbeat.PackedShorts;
import io.gpufleet.telemetry.heartbeat.SystemInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Protobuf with the classes that its compiler generates, and the record made of them. */
final class ProtobufFormat implements Format {

    @Override
    public String name() {
        return "protobuf " + Versions.of(Message.class);
    }

    @Override
    public String settings() {
        return "generated classes, fixed64 and fixed32 for what is packed or random, enum constants as uint32";
    }

    @Override
    public byte[] encode(Heartbeat heartbeat) {
        return message(heartbeat).toByteArray();
    }

    @Override
    public void encode(Heartbeat heartbeat, ByteBuffer target) {
        CodedOutputStream output = CodedOutputStream.newInstance(target);
        try {
            message(heartbeat).writeTo(output);
            output.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static HeartbeatMessage message(Heartbeat heartbeat) {
        SystemInfo info = heartbeat.systemInfo();
        HeartbeatMessage.Builder message = HeartbeatMessage.newBuilder()
                .setClientIdHigh(heartbeat.clientId().high())
                .setClientIdLow(heartbeat.clientId().low())
                .setCpuUsage(info.cpuUsage())
                .setMemoryUsage(info.memoryUsage())
                .setDiskUsage(info.diskUsage())
                .setNetworkRx(info.networkRx())
                .setNetworkTx(info.networkTx())
                .setDeviceMemTotalGb((int) heartbeat.deviceMemTotalGb())
                .setDeviceCount((int) heartbeat.deviceCount())
                .setTotalTflops((int) heartbeat.totalTflops());
        for (DevicePod pod : heartbeat.pods()) {
            message.addPods(message(pod));
        }
        return message.build();
    }

    private static PodMessage message(DevicePod pod) {
        return PodMessage.newBuilder()
                .setNum(pod.num())
                .setPodId(pod.podId())
                .setTotalTflops(pod.totalTflops())
                .setMemTotalGb(pod.memTotalGb())
                .setPort(pod.port())
                .setIp((int) pod.ip())
                .setOsType(EnumConstants.index(pod.osType()))
                .setEngineType(EnumConstants.index(pod.engineType()))
                .setUsage(pod.usage().bits())
                .setMemoryUsage(pod.memoryUsage().bits())
                .setPowerUsage(pod.powerUsage().bits())
                .setTemperature(pod.temperature().bits())
                .setVendorIdHigh(pod.vendorId().high())
                .setVendorIdLow(pod.vendorId().low())
                .setDeviceIdHigh(pod.deviceId().high())
                .setDeviceIdLow(pod.deviceId().low())
                .setMemorySizeGbHigh(pod.memorySizeGb().high())
                .setMemorySizeGbLow(pod.memorySizeGb().low())
                .setPowerLimitWattsHigh(pod.powerLimitWatts().high())
                .setPowerLimitWattsLow(pod.powerLimitWatts().low())
                .build();
    }

    @Override
    public Heartbeat decode(byte[] bytes) {
        try {
            return heartbeat(HeartbeatMessage.parseFrom(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Heartbeat heartbeat(HeartbeatMessage message) {
        return new Heartbeat(
                new ClientId(message.getClientIdHigh(), message.getClientIdLow()),
                new SystemInfo(
                        message.getCpuUsage(),
                        message.getMemoryUsage(),
                        message.getDiskUsage(),
                        message.getNetworkRx(),
                        message.getNetworkTx()),
                Integer.toUnsignedLong(message.getDeviceMemTotalGb()),
                Integer.toUnsignedLong(message.getDeviceCount()),
                Integer.toUnsignedLong(message.getTotalTflops()),
                pods(message));
    }

    private static List<DevicePod> pods(HeartbeatMessage message) {
        DevicePod[] pods = new DevicePod[message.getPodsCount()];
        for (int index = 0; index < pods.length; index++) {
            pods[index] = pod(message.getPods(index));
        }
        return List.of(pods);
    }

    private static DevicePod pod(PodMessage message) {
        return new DevicePod(
                message.getNum(),
                message.getPodId(),
                message.getTotalTflops(),
                message.getMemTotalGb(),
                message.getPort(),
                Integer.toUnsignedLong(message.getIp()),
                EnumConstants.osType(message.getOsType()),
                EnumConstants.engineType(message.getEngineType()),
                new PackedBytes(message.getUsage()),
                new PackedBytes(message.getMemoryUsage()),
                new PackedBytes(message.getPowerUsage()),
                new PackedBytes(message.getTemperature()),
                new PackedShorts(message.getVendorIdHigh(), message.getVendorIdLow()),
                new PackedShorts(message.getDeviceIdHigh(), message.getDeviceIdLow()),
                new PackedShorts(message.getMemorySizeGbHigh(), message.getMemorySizeGbLow()),
                new PackedShorts(message.getPowerLimitWattsHigh(), message.getPowerLimitWattsLow()));
    }
}
