package io.gpufleet.telemetry.benchmarks.pipeline;

import io.gpufleet.telemetry.testkit.FleetGenerator;

/**
 * Heartbeats that lie in a topic before anything is measured: the machines of a fleet have sent in turn. Immutable.
 *
 * @param topic where they lie
 * @param records how many they are
 * @param devices how many devices each machine has
 * @param clients how many machines there are
 * @param partitions how many partitions the topic has
 */
record Backlog(String topic, int records, int devices, int clients, int partitions) {

    /** The machines, which send the same heartbeats every time. */
    FleetGenerator fleet() {
        return FleetGenerator.builder()
                .clients(clients)
                .devicesPerClient(devices, devices)
                .build();
    }

    /** As many devices in words. */
    String devicesText() {
        return devices == 1 ? "1 device" : devices + " devices";
    }
}
