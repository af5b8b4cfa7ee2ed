package io.gpufleet.telemetry.testkit;

import static java.util.Objects.requireNonNull;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/**
 * The ports of a cluster, and the links between each broker and the controllers of the others. Every controller has a
 * listener for each broker, so that the links are separate, even those that brokers learn from each other. Thread-safe.
 */
final class ClusterLinks implements AutoCloseable {
    private final List<Integer> nodes;
    private final Optional<IntFunction<? extends NetworkLink>> makers;
    private final Map<Integer, Integer> clientPorts = new HashMap<>();
    private final Map<Way, Integer> listeners = new HashMap<>();
    private final Map<Way, NetworkLink> proxies = new HashMap<>();

    /** The link from a broker to a controller. Immutable. */
    private record Way(int broker, int controller) {}

    /**
     * Finds ports.
     *
     * @param nodes the numbers of the brokers
     * @param makers creates a link to a port that can be held; without it the brokers connect directly
     */
    ClusterLinks(List<Integer> nodes, Optional<IntFunction<? extends NetworkLink>> makers) {
        this.nodes = nodes;
        this.makers = makers;
        for (int node : nodes) {
            clientPorts.put(node, LoopbackPort.free());
            for (int broker : nodes) {
                connect(new Way(broker, node));
            }
        }
    }

    private void connect(Way way) {
        int listener = LoopbackPort.free();
        listeners.put(way, listener);
        if (way.broker() != way.controller()) {
            makers.ifPresent(maker -> proxies.put(way, maker.apply(listener)));
        }
    }

    /** Returns the address of a broker for clients. */
    String address(int node) {
        return LoopbackPort.HOST + ":" + port(node);
    }

    int port(int node) {
        return requireNonNull(clientPorts.get(node), "node");
    }

    /** Returns a broker's settings for the addresses. */
    Map<String, String> properties(int node) {
        Map<String, String> properties = new TreeMap<>();
        properties.put("node.id", Integer.toString(node));
        properties.put("controller.quorum.voters", each(other -> other + "@" + way(node, other)));
        properties.put("controller.listener.names", name(node) + "," + others(node));
        properties.put(
                "listeners",
                "PLAINTEXT://" + address(node) + ","
                        + each(broker -> name(broker) + "://" + listener(new Way(broker, node))));
        properties.put(
                "advertised.listeners",
                "PLAINTEXT://" + address(node) + "," + each(broker -> name(broker) + "://" + way(broker, node)));
        properties.put(
                "listener.security.protocol.map", "PLAINTEXT:PLAINTEXT," + each(other -> name(other) + ":PLAINTEXT"));
        return properties;
    }

    /**
     * Returns the listeners for other brokers. A broker uses the first of its controllers' listeners for its own
     * requests.
     */
    private String others(int node) {
        return nodes.stream()
                .filter(other -> other != node)
                .map(ClusterLinks::name)
                .collect(Collectors.joining(","));
    }

    private static String name(int broker) {
        return "FROM" + broker;
    }

    private String each(IntFunction<String> text) {
        return nodes.stream().map(text::apply).collect(Collectors.joining(","));
    }

    private String listener(Way way) {
        return LoopbackPort.HOST + ":" + listeners.get(way);
    }

    private String way(int broker, int controller) {
        Way way = new Way(broker, controller);
        NetworkLink proxy = proxies.get(way);
        return proxy == null ? listener(way) : LoopbackPort.HOST + ":" + proxy.port();
    }

    boolean canBeHeld() {
        return makers.isPresent();
    }

    /** Blocks the connections between a broker and the controllers of the others. */
    void hold(int broker) {
        proxies.forEach((way, proxy) -> {
            if (way.broker() == broker) {
                proxy.hold();
            }
        });
    }

    void heal(int broker) {
        proxies.forEach((way, proxy) -> {
            if (way.broker() == broker) {
                proxy.heal();
            }
        });
    }

    @Override
    public void close() {
        proxies.values().forEach(NetworkLink::close);
    }
}
