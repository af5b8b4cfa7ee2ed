package io.gpufleet.telemetry.integration.faults;

import io.gpufleet.telemetry.testkit.KafkaBroker;
import io.gpufleet.telemetry.testkit.KafkaTopics;
import io.gpufleet.telemetry.testkit.faults.TcpProxy;
import java.util.Map;

/** A broker behind a proxy. */
final class OneBroker implements Brokers {
    private final TcpProxy network = TcpProxy.start();
    private final KafkaBroker broker =
            KafkaBroker.builder().forked().proxied(network.port()).start();

    OneBroker() {
        network.passTo(broker.proxiedPort());
    }

    KafkaBroker broker() {
        return broker;
    }

    TcpProxy network() {
        return network;
    }

    @Override
    public KafkaTopics topics() {
        return broker;
    }

    @Override
    public String consumersServers() {
        return "127.0.0.1:" + network.port();
    }

    @Override
    public Map<String, String> topicSettings() {
        return Map.of();
    }

    @Override
    public void close() {
        network.close();
        broker.close();
    }
}
