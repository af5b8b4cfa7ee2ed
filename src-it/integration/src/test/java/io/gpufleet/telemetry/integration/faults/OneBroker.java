package io.gpufleet.telemetry.integration.faults;

import io.gpufleet.telemetry.testkit.KafkaBroker;
import io.gpufleet.telemetry.testkit.KafkaTopics;
import io.gpufleet.telemetry.testkit.faults.TcpProxy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A broker behind a proxy. */
final class OneBroker implements Brokers {
    private final TcpProxy network = TcpProxy.start();
    private final Path data;
    private final KafkaBroker broker;

    /**
     * Starts it.
     *
     * @param directory the parent of its log directory
     */
    OneBroker(Path directory) throws IOException {
        data = Files.createTempDirectory(directory, "broker");
        broker = KafkaBroker.builder()
                .forked()
                .proxied(network.port())
                .setting("log.dirs", data.toString())
                .start();
        network.passTo(broker.proxiedPort());
    }

    /** Returns its log directory. */
    Path data() {
        return data;
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
