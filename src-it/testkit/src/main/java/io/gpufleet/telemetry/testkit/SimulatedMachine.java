package io.gpufleet.telemetry.testkit;

import io.gpufleet.telemetry.heartbeat.ClientId;
import io.gpufleet.telemetry.heartbeat.Device;
import io.gpufleet.telemetry.heartbeat.DevicePod;
import io.gpufleet.telemetry.heartbeat.EngineType;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.OsType;
import io.gpufleet.telemetry.heartbeat.SystemInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A machine of the fleet: its hardware is fixed, its load wanders. Every fourth machine, if it can, has its devices in
 * two pods; one with more than eight devices has as many pods as necessary. Belongs to the thread that calls it.
 */
final class SimulatedMachine {
    private static final int TWO_PODS_ONE_IN = 4;
    private static final int PORT = 8_000;
    private static final long PRIVATE_NETWORK = 10L << 24;
    private static final int NETWORK_BYTES = 50_000_000;

    private final ClientId clientId;
    private final DeviceModel model;
    private final long ip;
    private final OsType osType;
    private final EngineType engineType;
    private final List<List<SimulatedDevice>> pods;
    private final Wandering cpuUsage;
    private final Wandering memoryUsage;
    private final Wandering diskUsage;

    SimulatedMachine(Random random, int devices) {
        this.clientId = new ClientId(random.nextLong(), random.nextLong());
        this.model = oneOf(DeviceModel.values(), random);
        this.ip = PRIVATE_NETWORK | random.nextInt(1 << 24);
        this.osType = random.nextInt(10) == 0 ? OsType.WINDOWS : OsType.LINUX;
        this.engineType = oneOf(EngineType.values(), random);
        this.pods = pods(random, devices);
        this.cpuUsage = new Wandering(random, 2, 98);
        this.memoryUsage = new Wandering(random, 10, 95);
        this.diskUsage = new Wandering(random, 20, 90);
    }

    /** Advances by one heartbeat. */
    Heartbeat next(Random random) {
        SystemInfo load = new SystemInfo(
                cpuUsage.next(random),
                memoryUsage.next(random),
                diskUsage.next(random),
                random.nextInt(NETWORK_BYTES),
                random.nextInt(NETWORK_BYTES));
        List<DevicePod> measured = new ArrayList<>();
        for (int number = 0; number < pods.size(); number++) {
            measured.add(pod(number, random));
        }
        int devices = pods.stream().mapToInt(List::size).sum();
        return new Heartbeat(
                clientId, load, (long) devices * model.memoryGb, devices, (long) devices * model.tflops, measured);
    }

    private DevicePod pod(int number, Random random) {
        List<Device> devices =
                pods.get(number).stream().map(device -> device.next(random)).toList();
        DevicePod packed = DevicePod.of(devices);
        return new DevicePod(
                packed.num(),
                number,
                packed.num() * model.tflops,
                packed.num() * model.memoryGb,
                PORT + number,
                ip,
                osType,
                engineType,
                packed.usage(),
                packed.memoryUsage(),
                packed.powerUsage(),
                packed.temperature(),
                packed.vendorId(),
                packed.deviceId(),
                packed.memorySizeGb(),
                packed.powerLimitWatts());
    }

    private List<List<SimulatedDevice>> pods(Random random, int count) {
        List<SimulatedDevice> devices = new ArrayList<>();
        for (int index = 0; index < count; index++) {
            devices.add(new SimulatedDevice(model, random));
        }
        if (count > DevicePod.MAX_DEVICES) {
            return inPods(devices);
        }
        if (count == 0) {
            return List.of();
        }
        boolean two = count > 1 && random.nextInt(TWO_PODS_ONE_IN) == 0;
        return two ? List.of(devices.subList(0, count / 2), devices.subList(count / 2, count)) : List.of(devices);
    }

    private static List<List<SimulatedDevice>> inPods(List<SimulatedDevice> devices) {
        List<List<SimulatedDevice>> pods = new ArrayList<>();
        for (int from = 0; from < devices.size(); from += DevicePod.MAX_DEVICES) {
            pods.add(devices.subList(from, Math.min(from + DevicePod.MAX_DEVICES, devices.size())));
        }
        return pods;
    }

    private static <T> T oneOf(T[] values, Random random) {
        return values[random.nextInt(values.length)];
    }

    private static final class SimulatedDevice {
        private final DeviceModel model;
        private final Wandering usage;
        private final Wandering memoryUsage;
        private final Wandering powerUsage;
        private final Wandering temperature;

        SimulatedDevice(DeviceModel model, Random random) {
            this.model = model;
            this.usage = new Wandering(random, 0, 100);
            this.memoryUsage = new Wandering(random, 1, 99);
            this.powerUsage = new Wandering(random, 10, 100);
            this.temperature = new Wandering(random, 30, 85);
        }

        Device next(Random random) {
            return new Device(
                    0,
                    usage.next(random),
                    memoryUsage.next(random),
                    powerUsage.next(random),
                    temperature.next(random),
                    model.vendorId,
                    model.deviceId,
                    model.memoryGb,
                    model.powerLimitWatts);
        }
    }

    /** Returns a value that moves by a few at a time between its bounds. */
    private static final class Wandering {
        private static final int STEP = 5;

        private final int least;
        private final int most;
        private int value;

        Wandering(Random random, int least, int most) {
            this.least = least;
            this.most = most;
            this.value = least + random.nextInt(most - least + 1);
        }

        int next(Random random) {
            value = Math.max(least, Math.min(most, value + random.nextInt(2 * STEP + 1) - STEP));
            return value;
        }
    }
}
