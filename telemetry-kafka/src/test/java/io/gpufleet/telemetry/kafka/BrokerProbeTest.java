package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.apache.kafka.common.Node;
import org.junit.jupiter.api.Test;

class BrokerProbeTest {
    private final BrokerProbe probe = new BrokerProbe();

    @Test
    void listeningAddress_isFound() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(probe.isListening(new Node(1, "127.0.0.1", server.getLocalPort())))
                    .isTrue();
        }
    }

    @Test
    void addressWithoutListener_isNotListening() throws IOException {
        ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        server.close();

        assertThat(probe.isListening(new Node(1, "127.0.0.1", server.getLocalPort())))
                .isFalse();
    }

    @Test
    void nameWithoutAddress_isNotListening() {
        assertThat(probe.isListening(new Node(1, "broker.invalid", 9092))).isFalse();
    }
}
