package io.gpufleet.telemetry.testkit.faults;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.testkit.NetworkLink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * A proxy between clients and a server, whose connections fail on demand. Its port stays the same over all faults and
 * over restarts of the server. At first all data passes. Thread-safe.
 *
 * <pre>{@code
 * try (TcpProxy proxy = TcpProxy.start(5432)) {
 *     connectTo(proxy.port());
 *     proxy.hold();
 *     // neither side hears from the other
 *     proxy.heal();
 * }
 * }</pre>
 */
public final class TcpProxy implements NetworkLink {
    private static final long REST_NANOS = Duration.ofMillis(10).toNanos();
    private static final byte[] LOOPBACK = {127, 0, 0, 1};

    private final Supplier<Conversation> conversations;
    private final ServerSocket server;
    private final Passage passage = new Passage();
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private volatile int target;
    private volatile boolean refusing;

    TcpProxy(int target, Supplier<Conversation> conversations) throws IOException {
        this.target = target;
        this.conversations = conversations;
        this.server = new ServerSocket();
        server.bind(new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), 0));
        Thread accepting = new Thread(this::accept, "telemetry-proxy-" + server.getLocalPort());
        accepting.setDaemon(true);
        accepting.start();
    }

    /**
     * Starts a proxy of a server on the loopback address.
     *
     * @param target the server's port, 1 to 65535, which need not be open yet
     * @return the proxy, which the caller closes
     */
    public static TcpProxy start(int target) {
        return start(target, () -> Conversation.UNHEARD);
    }

    static TcpProxy start(int target, Supplier<Conversation> conversations) {
        return open(requirePort(target), conversations);
    }

    private static int requirePort(int target) {
        if (target < 1 || target > 65_535) {
            throw new IllegalArgumentException("target: " + target + " is not between 1 and 65535");
        }
        return target;
    }

    private static TcpProxy open(int target, Supplier<Conversation> conversations) {
        try {
            return new TcpProxy(target, conversations);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Starts a proxy without a server: it resets every connection until {@link #passTo} names one.
     *
     * @return the proxy, which the caller closes
     */
    public static TcpProxy start() {
        return open(0, () -> Conversation.UNHEARD);
    }

    /**
     * Passes new connections to another server; existing ones keep theirs.
     *
     * @param port its port on the loopback address, 1 to 65535, which need not be open yet
     */
    public void passTo(int port) {
        this.target = requirePort(port);
    }

    @Override
    public int port() {
        return server.getLocalPort();
    }

    /**
     * Returns the current number of connections.
     *
     * @return 0 or more
     */
    public int connections() {
        return links.size();
    }

    /** Resets all connections; new ones are accepted. */
    public void cut() {
        links.forEach(Link::reset);
    }

    /** Resets all connections, and every new one until {@link #heal()}: the server is gone. */
    public void refuse() {
        refusing = true;
        cut();
    }

    /** Holds all data, in both directions, until {@link #heal()}: the network drops nothing, but delivers nothing. */
    @Override
    public void hold() {
        passage.hold();
    }

    /**
     * Delays all data.
     *
     * @param delay the delay of each piece of up to 64 KiB, in each direction, 0 or more
     */
    public void delay(Duration delay) {
        if (requireNonNull(delay, "delay").isNegative()) {
            throw new IllegalArgumentException("delay: " + delay + " is negative");
        }
        passage.delay(TimeUnit.NANOSECONDS.convert(delay));
    }

    /**
     * Throttles all data.
     *
     * @param bytesPerSecond the rate of each connection and direction, 1 or more
     */
    public void throttle(int bytesPerSecond) {
        if (bytesPerSecond < 1) {
            throw new IllegalArgumentException("bytesPerSecond: " + bytesPerSecond + " is not 1 or more");
        }
        passage.throttle(bytesPerSecond);
    }

    @Override
    public void heal() {
        refusing = false;
        passage.open();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                connect(server.accept());
            } catch (IOException e) {
                // Closed, or the client has disconnected, or no file handle is left, which takes a while.
                LockSupport.parkNanos(REST_NANOS);
            }
        }
    }

    private void connect(Socket client) throws IOException {
        Link link = new Link(client, passage, conversations.get(), links::remove);
        links.add(link);
        int port = target;
        if (refusing || port == 0 || server.isClosed()) {
            link.reset();
        } else {
            link.start(new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), port));
        }
    }

    /** Resets all connections and accepts no more. */
    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            passage.open();
            cut();
        }
    }

    @Override
    public String toString() {
        return "proxy of port " + target + " on port " + port();
    }
}
