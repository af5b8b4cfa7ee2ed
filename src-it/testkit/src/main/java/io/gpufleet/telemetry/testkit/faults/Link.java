package io.gpufleet.telemetry.testkit.faults;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.function.Consumer;

/** One connection through a proxy: a client, a server, and a thread for each direction. Thread-safe. */
final class Link {
    private static final int PIECE = 64 * 1024;

    private final Socket client;
    private final Socket server = new Socket();
    private final Passage passage;
    private final Conversation conversation;
    private final Consumer<Link> ended;

    Link(Socket client, Passage passage, Conversation conversation, Consumer<Link> ended) {
        this.client = client;
        this.passage = passage;
        this.conversation = conversation;
        this.ended = ended;
    }

    /** Connects to the server, outside of the caller's thread; if the server is not there, the client is reset. */
    void start(InetSocketAddress address) {
        run("requests", () -> {
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            server.connect(address);
            run("replies", () -> passOn(server, client, conversation::losesReply));
            passOn(client, server, conversation::losesRequest);
        });
    }

    @FunctionalInterface
    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    private void run(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException e) {
                        reset();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        reset();
                    }
                },
                "telemetry-proxy-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    @FunctionalInterface
    private interface Ear {
        boolean loses(byte[] piece, int length);
    }

    private void passOn(Socket from, Socket to, Ear ear) throws IOException, InterruptedException {
        InputStream said = from.getInputStream();
        byte[] piece = new byte[PIECE];
        for (int length = said.read(piece); length >= 0; length = said.read(piece)) {
            passage.await(length);
            if (ear.loses(piece, length)) {
                reset();
                return;
            }
            to.getOutputStream().write(piece, 0, length);
        }
        to.shutdownOutput();
        if (from.isOutputShutdown()) {
            close();
        }
    }

    /** Closes both sides after all data of both. */
    private void close() throws IOException {
        client.close();
        server.close();
        ended.accept(this);
    }

    /** Resets both sides at once, dropping the data in transit. */
    void reset() {
        reset(client);
        reset(server);
        ended.accept(this);
    }

    private static void reset(Socket socket) {
        try (socket) {
            socket.setSoLinger(true, 0);
        } catch (IOException e) {
            // It is closed already.
        }
    }
}
