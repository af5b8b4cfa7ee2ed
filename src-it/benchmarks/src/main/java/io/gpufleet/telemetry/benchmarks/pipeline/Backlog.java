package io.gpufleet.telemetry.benchmarks.pipeline;

import io.gpufleet.telemetry.testkit.FleetGenerator;
import java.time.Instant;

/**
 * The heartbeats that lie in a topic before the measurement, sent in turn by the machines of a fleet. Immutable.
 *
 * @param topic the topic
 * @param records the number of heartbeats
 * @param devices the number of devices of each machine
 * @param clients the number of machines
 * @param partitions the number of partitions of the topic
 * @param start the time of the first heartbeats
 */
public record Backlog(String topic, int records, int devices, int clients, int partitions, Instant start) {
    private static final Instant NEW_YEAR = Instant.parse("2026-01-01T00:00:00Z");

    /** Creates a backlog that begins with the year. */
    public Backlog(String topic, int records, int devices, int clients, int partitions) {
        this(topic, records, devices, clients, partitions, NEW_YEAR);
    }

    /** Returns the machines, which send the same heartbeats every time. */
    public FleetGenerator fleet() {
        return FleetGenerator.builder()
                .clients(clients)
                .devicesPerClient(devices, devices)
                .start(start)
                .build();
    }

    /** Returns the number of devices in words. */
    String devicesText() {
        return devices == 1 ? "1 device" : devices + " devices";
    }
}
