package io.gpufleet.telemetry.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Free ports of the loopback address, 16384 to 32767.
 *
 * <p>They lie below the range for outgoing connections (from 32768 on Linux), so that no other program gets the port of
 * a server that is down for a restart, not even a client that tries to reach it.
 *
 * <p>A port is used some time after it was found free. So each JVM starts at a different place in the range, and
 * repeats a port only after all others. Thread-safe.
 */
final class LoopbackPort {
    static final String HOST = "127.0.0.1";

    private static final byte[] ADDRESS = {127, 0, 0, 1};
    private static final int FIRST = 16_384;
    private static final int END = 32_768;
    private static final int ATTEMPTS = 1_000;

    /** The number of ports between the start places of two JVMs that were started one after the other. */
    private static final int DISTANCE = 509;

    private static final AtomicInteger NEXT =
            new AtomicInteger((int) (ProcessHandle.current().pid() * DISTANCE % (END - FIRST)));

    private LoopbackPort() {}

    static int free() {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int port = FIRST + Math.floorMod(NEXT.getAndIncrement(), END - FIRST);
            if (isFree(port)) {
                return port;
            }
        }
        throw new UncheckedIOException(
                new IOException("no free port between " + FIRST + " and " + END + " in " + ATTEMPTS + " attempts"));
    }

    /** Returns a port of the loopback address, for a connection to it. */
    static InetSocketAddress address(int port) throws UnknownHostException {
        return new InetSocketAddress(InetAddress.getByAddress(ADDRESS), port);
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(address(port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
