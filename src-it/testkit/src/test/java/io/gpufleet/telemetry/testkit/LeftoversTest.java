package io.gpufleet.telemetry.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The leftovers of a stack after its JVM has ended, in any way. */
class LeftoversTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** One directory for all tests, so that PostgreSQL is unpacked once. */
    @TempDir
    static Path temporary;

    @Test
    void close_leavesNothing() {
        try (ForkedJvm jvm = fork(Closing.class)) {
            assertThat(jvm.awaitExit(LIMIT)).isZero();
        }
        assertThat(leftovers()).isEmpty();
    }

    @Test
    void start_leavesNothingWhenOneHalfFails() {
        try (ForkedJvm jvm = fork(FailingHalf.class)) {
            assertThat(jvm.awaitLine("database: ", LIMIT)).contains("max_connections");
            assertThat(jvm.awaitLine("broker: ", LIMIT)).contains("num.io.threads");
            assertThat(jvm.awaitExit(LIMIT)).isZero();
        }
        assertThat(leftovers()).isEmpty();
    }

    @Test
    void shutdownHook_closesWhatIsOpen() {
        try (ForkedJvm jvm = fork(NeverClosing.class)) {
            String line = jvm.awaitLine("port ", LIMIT);
            jvm.terminate();
            assertThat(jvm.awaitExit(LIMIT)).isEqualTo(143);
            assertThat(isReachable(line)).isFalse();
        }
        assertThat(leftovers()).isEmpty();
    }

    @Test
    void processes_endWhenTheirJvmIsKilled() {
        try (ForkedJvm jvm = fork(NeverClosing.class)) {
            String line = jvm.awaitLine("port ", LIMIT);
            assertThat(isReachable(line)).isTrue();
            jvm.kill();
            Await.until("the end of the orphaned server", LIMIT, () -> !isReachable(line));
            Await.until(
                    "its data are gone",
                    LIMIT,
                    () -> leftovers()
                            .noneMatch(file -> file.getFileName().toString().contains("postgres-server")));
        }
        leftovers().forEach(Directories::delete);
    }

    private static ForkedJvm fork(Class<?> main) {
        return ForkedJvm.builder(main)
                .jvmArguments("-Djava.io.tmpdir=" + temporary)
                .start();
    }

    private static Stream<Path> leftovers() {
        try (Stream<Path> files = Files.list(temporary)) {
            return files
                    .filter(file -> file.getFileName().toString().startsWith("telemetry-"))
                    .filter(file -> Files.notExists(file.resolve("bin")))
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new AssertionError("cannot list " + temporary, e);
        }
    }

    private static boolean isReachable(String line) {
        int port = Integer.parseInt(line.substring("port ".length()));
        try (Socket socket = new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    static final class Closing {
        public static void main(String[] arguments) {
            TelemetryStack stack = TelemetryStack.builder().forked().start();
            stack.close();
            stack.close();
        }
    }

    static final class FailingHalf {
        public static void main(String[] arguments) {
            TelemetryStack.Builder noDatabase =
                    TelemetryStack.builder().postgres(PostgresServer.builder().setting("max_connections", "many"));
            System.out.println("database: " + failure(noDatabase));
            TelemetryStack.Builder noBroker =
                    TelemetryStack.builder().kafka(KafkaBroker.builder().setting("num.io.threads", "none"));
            System.out.println("broker: " + failure(noBroker));
        }

        /** Returns the message, in one line. */
        private static String failure(TelemetryStack.Builder builder) {
            try (TelemetryStack started = builder.start()) {
                return started + " started";
            } catch (RuntimeException e) {
                return e.toString().replace('\n', ' ');
            }
        }
    }

    static final class NeverClosing {
        public static void main(String[] arguments) throws InterruptedException {
            TelemetryStack stack = TelemetryStack.start();
            System.out.println("port " + stack.postgres().port());
            new CountDownLatch(1).await();
        }
    }
}
