package io.gpufleet.telemetry.testkit.faults;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** A server that echoes its input. */
final class EchoServer implements AutoCloseable {
    private final ServerSocket server;

    EchoServer() throws IOException {
        this.server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        run(() -> {
            while (true) {
                Socket client = server.accept();
                if (server.isClosed()) {
                    // A thread that waits in accept may still get a client while another closes the socket.
                    client.setSoLinger(true, 0);
                    client.close();
                    return;
                }
                run(() -> {
                    try (client) {
                        client.getInputStream().transferTo(client.getOutputStream());
                    }
                });
            }
        });
    }

    @FunctionalInterface
    private interface Work {
        void run() throws IOException;
    }

    private static void run(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException e) {
                // The other side has closed.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return server.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
