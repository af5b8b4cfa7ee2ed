package io.gpufleet.telemetry.testkit;

import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/** The configuration of a broker, made to start fast and to forget nothing. */
final class BrokerProperties {
    static final String ADVERTISED = "advertised.listeners";

    private BrokerProperties() {}

    /** A broker that is its own controller. */
    static Properties alone(Path data, int port, int controllerPort, Map<String, String> settings) {
        Map<String, String> own = new TreeMap<>(addresses(port, controllerPort));
        own.putAll(replicas("1", "1"));
        own.putAll(settings);
        return of(data, own);
    }

    /** One of three brokers that are their own controllers. */
    static Properties ofCluster(Path data, Map<String, String> addresses, Map<String, String> settings) {
        Map<String, String> own = new TreeMap<>(addresses);
        own.putAll(shortSession());
        own.putAll(replicas("3", "2"));
        own.putAll(soonElected());
        own.putAll(settings);
        return of(data, own);
    }

    private static Properties of(Path data, Map<String, String> settings) {
        Properties properties = new Properties();
        properties.put("process.roles", "broker,controller");
        properties.put("log.dirs", data.toString());
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
        return Map.of(
                "listener.security.protocol.map",
                "PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT",
                "listeners",
                client + "," + proxied(proxiedPort) + "," + controller,
                ADVERTISED,
                client + "," + proxied(advertisedPort));
    }

    /** The further listener at a port. */
    static String proxied(int port) {
        return "PROXIED://" + LoopbackPort.HOST + ":" + port;
    }

    private static Map<String, String> addresses(int port, int controllerPort) {
        String client = "PLAINTEXT://" + LoopbackPort.HOST + ":" + port;
        String controller = LoopbackPort.HOST + ":" + controllerPort;
        return Map.of(
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
                ADVERTISED,
                client);
    }

    private static Map<String, String> smallInternalTopics() {
        return Map.of(
                "offsets.topic.num.partitions", "4",
                "transaction.state.log.num.partitions", "4",
                "share.coordinator.state.topic.num.partitions", "4",
                // 128 MiB by default, taken at the start
                "log.cleaner.dedupe.buffer.size", "4194304");
    }

    private static Map<String, String> replicas(String factor, String inSync) {
        return Map.of(
                "default.replication.factor", factor,
                "min.insync.replicas", inSync,
                "offsets.topic.replication.factor", factor,
                "transaction.state.log.replication.factor", factor,
                "transaction.state.log.min.isr", inSync,
                "share.coordinator.state.topic.replication.factor", factor,
                "share.coordinator.state.topic.min.isr", inSync);
    }

    /** A leader that is gone has a successor within seconds. */
    private static Map<String, String> soonElected() {
        return Map.of(
                "replica.lag.time.max.ms", "5000",
                "controller.quorum.election.timeout.ms", "500",
                "controller.quorum.fetch.timeout.ms", "1000");
    }

    private static Map<String, String> behaviour() {
        return Map.of(
                "auto.create.topics.enable", "false",
                "group.initial.rebalance.delay.ms", "0",
                // tests want members that die to be noticed soon
                "group.min.session.timeout.ms", "1000",
                "group.consumer.min.session.timeout.ms", "1000",
                "group.consumer.min.heartbeat.interval.ms", "100",
                // and a rebalance to be heard of soon: after 5 seconds by default
                "group.consumer.heartbeat.interval.ms", "500",
                // records carry the time of the test, which may be years ago
                "log.retention.ms", "-1");
    }
}
