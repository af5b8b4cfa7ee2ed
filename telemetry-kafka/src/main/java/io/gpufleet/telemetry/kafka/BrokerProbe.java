package io.gpufleet.telemetry.kafka;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.Node;

/**
 * A probe of broker addresses for a listener, without a request to the broker or a line in the log: a broker that is
 * back is found at once, and an absent one can be probed often. Belongs to one thread.
 */
final class BrokerProbe {
    private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final int LIMIT_MILLIS = 500;

    private final Map<String, Long> failedAtNanos = new HashMap<>();

    /** Returns whether a connection can be made; one that failed a moment ago is not tried. */
    boolean isListening(Node node) {
        String address = node.host() + ":" + node.port();
        Long tried = failedAtNanos.get(address);
        if (tried != null && System.nanoTime() - tried < INTERVAL_NANOS) {
            return false;
        }
        if (accepts(node)) {
            failedAtNanos.remove(address);
            return true;
        }
        failedAtNanos.put(address, System.nanoTime());
        return false;
    }

    private static boolean accepts(Node node) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(node.host(), node.port()), LIMIT_MILLIS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
