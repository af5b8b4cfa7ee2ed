package io.gpufleet.telemetry.benchmarks.pipeline;

import io.gpufleet.telemetry.testkit.FleetGenerator;
import java.time.Instant;

/**
 * Heartbeats that lie in a topic before anything is measured: the machines of a fleet have sent in turn. Immutable.
 *
 * @param topic where they lie
 * @param records how many they are
 * @param devices how many devices each machine has
 * @param clients how many machines there are
 * @param partitions how many partitions the topic has
 * @param start when the first heartbeats were sent
 */
public record Backlog(String topic, int records, int devices, int clients, int partitions, Instant start) {
    private static final Instant NEW_YEAR = Instant.parse("2026-01-01T00:00:00Z");

    /** A backlog that begins with the year. */
    public Backlog(String topic, int records, int devices, int clients, int partitions) {
        this(topic, records, devices, clients, partitions, NEW_YEAR);
    }

    /** The machines, which send the same heartbeats every time. */
    public FleetGenerator fleet() {
        return FleetGenerator.builder()
                .clients(clients)
                .devicesPerClient(devices, devices)
                .start(start)
                .build();
    }

    /** As many devices in words. */
    String devicesText() {
        return devices == 1 ? "1 device" : devices + " devices";
    }
}
