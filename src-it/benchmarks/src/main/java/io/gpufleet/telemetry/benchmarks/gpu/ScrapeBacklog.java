package io.gpufleet.telemetry.benchmarks.gpu;

import io.gpufleet.telemetry.benchmarks.pipeline.Servers;
import io.gpufleet.telemetry.testkit.GpuFleetGenerator;
import io.gpufleet.telemetry.testkit.GpuFleetRecord;

/**
 * The scrapes that lie in a topic before the measurement: a message for each host, with 25 metrics of 8 GPUs as
 * exposition text. Immutable.
 *
 * @param topic the topic
 * @param hosts the number of hosts
 * @param scrapes the number of scrapes of each host
 */
record ScrapeBacklog(String topic, int hosts, int scrapes) {
    static final int METRICS = 25;
    static final int GPUS = 8;

    private static final int PARTITIONS = 4;

    int messages() {
        return hosts * scrapes;
    }

    int samples() {
        return messages() * GPUS * METRICS;
    }

    void publish(Servers servers) {
        GpuFleetGenerator fleet = GpuFleetGenerator.builder().gpus(hosts * GPUS).build();
        servers.broker().createTopic(topic, PARTITIONS);
        Iterable<GpuFleetRecord> messages =
                () -> fleet.stream().limit(messages()).iterator();
        servers.broker().publish(topic, messages);
    }
}
