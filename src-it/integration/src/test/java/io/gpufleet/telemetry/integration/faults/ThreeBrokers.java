package io.gpufleet.telemetry.integration.faults;

import io.gpufleet.telemetry.testkit.KafkaCluster;
import io.gpufleet.telemetry.testkit.KafkaTopics;
import io.gpufleet.telemetry.testkit.faults.TcpProxy;
import java.util.Map;

/** A cluster that its consumers reach without a proxy. */
final class ThreeBrokers implements Brokers {
    private final KafkaCluster cluster =
            KafkaCluster.builder().links(TcpProxy::start).start();

    KafkaCluster cluster() {
        return cluster;
    }

    @Override
    public KafkaTopics topics() {
        return cluster;
    }

    @Override
    public String consumersServers() {
        return cluster.bootstrapServers();
    }

    /** A partition may be left with one replica, and still accepts writes. */
    @Override
    public Map<String, String> topicSettings() {
        return Map.of("min.insync.replicas", "1");
    }

    @Override
    public void close() {
        cluster.close();
    }
}
