package io.gpufleet.telemetry.benchmarks.codec;

import io.gpufleet.telemetry.heartbeat.DevicePod;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.testkit.FleetGenerator;
import io.gpufleet.telemetry.testkit.FleetRecord;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Heartbeats of a simulated fleet, the same in every JVM. There are many, each of another machine, so that neither
 * caches nor branch prediction know the next one.
 */
final class FleetHeartbeats {
    /** The number of heartbeats, a power of two. */
    static final int COUNT = 256;

    private FleetHeartbeats() {}

    /** Returns the heartbeats with the given number of pods each, regrouped from machines that have one or two. */
    static Heartbeat[] of(int pods) {
        FleetGenerator fleet = FleetGenerator.builder().clients(pods * COUNT).build();
        Iterator<Heartbeat> machines =
                fleet.stream().map(FleetRecord::heartbeat).iterator();
        Heartbeat[] heartbeats = new Heartbeat[COUNT];
        for (int index = 0; index < COUNT; index++) {
            heartbeats[index] = next(machines, pods);
        }
        return heartbeats;
    }

    private static Heartbeat next(Iterator<Heartbeat> machines, int count) {
        Heartbeat first = machines.next();
        List<DevicePod> pods = new ArrayList<>(first.pods());
        while (pods.size() < count) {
            pods.addAll(machines.next().pods());
        }
        return new Heartbeat(
                first.clientId(),
                first.systemInfo(),
                pods.stream().mapToLong(DevicePod::memTotalGb).sum(),
                pods.stream().mapToLong(DevicePod::num).sum(),
                pods.stream().mapToLong(DevicePod::totalTflops).sum(),
                pods.subList(0, count));
    }
}
