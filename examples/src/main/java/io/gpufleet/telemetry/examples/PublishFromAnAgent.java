package io.gpufleet.telemetry.examples;

import com.sun.management.OperatingSystemMXBean;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.heartbeat.ClientId;
import io.gpufleet.telemetry.heartbeat.Device;
import io.gpufleet.telemetry.heartbeat.DevicePod;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.SystemInfo;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import io.gpufleet.telemetry.kafka.producer.HeartbeatPublisher;
import io.gpufleet.telemetry.kafka.topic.TopicInstaller;
import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;

/**
 * How does an agent send a heartbeat? It measures, takes the time once, and sends both together: client and time
 * identify a heartbeat, so sending it again with the same time is safe.
 */
public final class PublishFromAnAgent {
    private static final double PERCENT = 100;

    private PublishFromAnAgent() {}

    /**
     * Sends one heartbeat of this machine and waits until all replicas have it.
     *
     * @param arguments the brokers to ask first, and the name of this machine
     */
    public static void main(String[] arguments) {
        Arguments.require(arguments, PublishFromAnAgent.class, "<brokers>", "<name of this machine>");
        TopicInstaller.builder(arguments[0], HeartbeatConsumer.TOPIC).install();
        try (HeartbeatPublisher publisher = HeartbeatPublisher.builder(BincodeHeartbeatCodec.fixed(), arguments[0])
                .build()) {
            Heartbeat heartbeat = heartbeat(clientId(arguments[1]), devices());
            Instant time = Instant.now().truncatedTo(ChronoUnit.MILLIS);
            publisher.send(heartbeat, time).join();
            System.out.println("Sent the heartbeat of " + heartbeat.clientId() + " at " + time);
        }
    }

    /** Returns the same 16 bytes for the same name, wherever and however often the agent starts. */
    private static ClientId clientId(String machine) {
        UUID id = UUID.nameUUIDFromBytes(machine.getBytes(StandardCharsets.UTF_8));
        return new ClientId(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    private static Heartbeat heartbeat(ClientId id, List<Device> devices) {
        long memory = devices.stream().mapToLong(Device::memorySizeGb).sum();
        return new Heartbeat(id, load(), memory, devices.size(), 0, List.of(DevicePod.of(devices)));
    }

    private static SystemInfo load() {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        File disk = new File("/");
        return new SystemInfo(
                percent(system.getCpuLoad()),
                percent(1 - share(system.getFreeMemorySize(), system.getTotalMemorySize())),
                percent(1 - share(disk.getUsableSpace(), disk.getTotalSpace())),
                0, // bytes received since the last heartbeat, from a collector of the host's
                0);
    }

    private static double share(long part, long whole) {
        return (double) part / whole;
    }

    private static int percent(double share) {
        return (int) Math.round(Math.max(0, Math.min(1, share)) * PERCENT);
    }

    /** Returns one GPU at half its power, in place of NVML, ROCm SMI or the like. */
    private static List<Device> devices() {
        return List.of(new Device(0, 50, 40, 50, 61, 0x10de, 0x2331, 80, 350));
    }
}
