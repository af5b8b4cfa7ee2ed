package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.apache.kafka.common.Node;
import org.junit.jupiter.api.Test;

class DoorsTest {
    private final Doors doors = new Doors();

    @Test
    void listeningAddress_isOpen() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(doors.isOpen(new Node(1, "127.0.0.1", server.getLocalPort())))
                    .isTrue();
        }
    }

    @Test
    void addressWithoutListener_isClosed() throws IOException {
        ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        server.close();

        assertThat(doors.isOpen(new Node(1, "127.0.0.1", server.getLocalPort())))
                .isFalse();
    }

    @Test
    void nameWithoutAddress_isClosed() {
        assertThat(doors.isOpen(new Node(1, "broker.invalid", 9092))).isFalse();
    }
}
