package io.gpufleet.telemetry.testkit;

import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;

/** The configuration of a broker that is its own controller, made to start fast and to forget nothing. */
final class BrokerProperties {
    private BrokerProperties() {}

    static Properties of(Path data, int port, int controllerPort, Map<String, String> settings) {
        Properties properties = new Properties();
        properties.putAll(addresses(data, port, controllerPort));
        properties.putAll(smallInternalTopics());
        properties.putAll(behaviour());
        properties.putAll(settings);
        return properties;
    }

    /** A broker that was killed may come back when its last session has run out: sooner than after 9 seconds. */
    static Map<String, String> shortSession() {
        return Map.of("broker.heartbeat.interval.ms", "500", "broker.session.timeout.ms", "3000");
    }

    /** A further listener, for clients that are sent to a proxy. */
    static Map<String, String> proxied(int port, int controllerPort, int proxiedPort, int advertisedPort) {
        String client = "PLAINTEXT://" + LoopbackPort.HOST + ":" + port;
        String controller = "CONTROLLER://" + LoopbackPort.HOST + ":" + controllerPort;
        String proxied = "PROXIED://" + LoopbackPort.HOST + ":";
        return Map.of(
                "listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT",
                "listeners", client + "," + proxied + proxiedPort + "," + controller,
                "advertised.listeners", client + "," + proxied + advertisedPort);
    }

    private static Map<String, String> addresses(Path data, int port, int controllerPort) {
        String client = "PLAINTEXT://" + LoopbackPort.HOST + ":" + port;
        String controller = LoopbackPort.HOST + ":" + controllerPort;
        return Map.of(
                "process.roles",
                "broker,controller",
                "node.id",
                "1",
                "controller.quorum.voters",
                "1@" + controller,
                "controller.listener.names",
                "CONTROLLER",
                "listener.security.protocol.map",
                "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
                "listeners",
                client + ",CONTROLLER://" + controller,
                "advertised.listeners",
                client,
                "log.dirs",
                data.toString());
    }

    private static Map<String, String> smallInternalTopics() {
        return Map.of(
                "offsets.topic.num.partitions", "4",
                "offsets.topic.replication.factor", "1",
                "transaction.state.log.num.partitions", "4",
                "transaction.state.log.replication.factor", "1",
                "transaction.state.log.min.isr", "1",
                "share.coordinator.state.topic.num.partitions", "4",
                "share.coordinator.state.topic.replication.factor", "1",
                "share.coordinator.state.topic.min.isr", "1",
                // 128 MiB by default, taken at the start
                "log.cleaner.dedupe.buffer.size", "4194304");
    }

    private static Map<String, String> behaviour() {
        return Map.of(
                "auto.create.topics.enable", "false",
                "group.initial.rebalance.delay.ms", "0",
                // tests want members that die to be noticed soon
                "group.min.session.timeout.ms", "1000",
                "group.consumer.min.session.timeout.ms", "1000",
                "group.consumer.min.heartbeat.interval.ms", "100",
                // records carry the time of the test, which may be years ago
                "log.retention.ms", "-1");
    }
}
