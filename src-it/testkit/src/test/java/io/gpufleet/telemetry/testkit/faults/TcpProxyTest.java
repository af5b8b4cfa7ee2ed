package io.gpufleet.telemetry.testkit.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gpufleet.telemetry.testkit.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class TcpProxyTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int HELD_MILLIS = 300;

    private final EchoServer server;
    private final TcpProxy proxy;

    TcpProxyTest() throws IOException {
        this.server = new EchoServer();
        this.proxy = TcpProxy.start(server.port());
    }

    @AfterEach
    void close() throws IOException {
        proxy.close();
        server.close();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        socket.setSoTimeout((int) LIMIT.toMillis());
        return socket;
    }

    private static void say(Socket socket, int bytes) throws IOException {
        byte[] said = new byte[bytes];
        Arrays.fill(said, (byte) 7);
        socket.getOutputStream().write(said);
    }

    private static int hear(Socket socket, int bytes) throws IOException {
        return socket.getInputStream().readNBytes(bytes).length;
    }

    private static Duration timeToEcho(Socket socket, int bytes) throws IOException {
        long from = System.nanoTime();
        say(socket, bytes);
        assertThat(hear(socket, bytes)).isEqualTo(bytes);
        return Duration.ofNanos(System.nanoTime() - from);
    }

    @Test
    void healthy_passesAllOnAndEndsWithBothSides() throws IOException {
        try (Socket socket = connect()) {
            timeToEcho(socket, 300_000);
            assertThat(proxy.connections()).isOne();
            say(socket, 10);
            socket.shutdownOutput();
            assertThat(socket.getInputStream().readAllBytes())
                    .as("what is under way at the end")
                    .hasSize(10);
        }
        Await.until("the connection is gone", LIMIT, proxy::connections, count -> count == 0);
    }

    @Test
    void cut_resetsConnectionsAndTakesNewOnes() throws IOException {
        try (Socket socket = connect()) {
            timeToEcho(socket, 1);

            proxy.cut();

            assertThatExceptionOfType(SocketException.class).isThrownBy(() -> hear(socket, 1));
            assertThat(proxy.connections()).isZero();
        }
        try (Socket socket = connect()) {
            timeToEcho(socket, 1);
        }
    }

    @Test
    void refuse_letsNobodyIn() throws IOException {
        proxy.refuse();
        assertThatExceptionOfType(SocketException.class).isThrownBy(() -> {
            try (Socket socket = connect()) {
                hear(socket, 1);
            }
        });

        proxy.heal();

        try (Socket socket = connect()) {
            timeToEcho(socket, 1);
        }
    }

    @Test
    void hold_losesNothing() throws IOException {
        try (Socket socket = connect()) {
            timeToEcho(socket, 1);
            proxy.hold();
            say(socket, 3);
            socket.setSoTimeout(HELD_MILLIS);
            assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(() -> hear(socket, 1));

            proxy.heal();

            socket.setSoTimeout((int) LIMIT.toMillis());
            assertThat(hear(socket, 3)).isEqualTo(3);
        }
    }

    @Test
    void delay_appliesInBothDirections() throws IOException {
        try (Socket socket = connect()) {
            timeToEcho(socket, 1);
            proxy.delay(Duration.ofMillis(HELD_MILLIS));
            assertThat(timeToEcho(socket, 1)).isGreaterThanOrEqualTo(Duration.ofMillis(2 * HELD_MILLIS));
        }
    }

    @Test
    void throttle_appliesToEachByte() throws IOException {
        try (Socket socket = connect()) {
            timeToEcho(socket, 1);
            proxy.throttle(100_000);
            assertThat(timeToEcho(socket, 50_000)).isGreaterThanOrEqualTo(Duration.ofMillis(500));
        }
    }

    @Test
    void heal_endsADelayAtOnce() throws IOException {
        try (Socket socket = connect()) {
            timeToEcho(socket, 1);
            proxy.delay(Duration.ofDays(1));
            say(socket, 1);

            proxy.heal();

            assertThat(hear(socket, 1)).isOne();
        }
    }

    @Test
    void absentServer_resetsTheClient() throws IOException {
        server.close();
        try (Socket socket = connect()) {
            assertThatExceptionOfType(SocketException.class).isThrownBy(() -> hear(socket, 1));
        }
    }

    @Test
    void serverThatIsNotKnownYet_isReachedOnceItIs() throws IOException {
        try (TcpProxy early = TcpProxy.start()) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), early.port())) {
                assertThatExceptionOfType(SocketException.class).isThrownBy(() -> hear(socket, 1));
            }

            early.passTo(server.port());

            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), early.port())) {
                timeToEcho(socket, 1);
            }
        }
    }

    @Test
    void values_areChecked() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TcpProxy.start(0))
                .withMessage("target: 0 is not between 1 and 65535");
        assertThatIllegalArgumentException().isThrownBy(() -> proxy.passTo(65_536));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> proxy.throttle(0))
                .withMessage("bytesPerSecond: 0 is not 1 or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> proxy.delay(Duration.ofMillis(-1)))
                .withMessage("delay: PT-0.001S is negative");
    }
}
