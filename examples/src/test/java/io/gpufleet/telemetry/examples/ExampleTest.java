package io.gpufleet.telemetry.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.testkit.ForkedJvm;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Examples with wrong arguments: one line with the fault, and an exit code for its origin. */
final class ExampleTest {
    private static final String DATABASE = "jdbc:postgresql://127.0.0.1:1/d";

    /** Asserts the output of the process, without the logs of libraries. */
    private static void assertFailed(int code, String words, String... arguments) {
        try (ForkedJvm process =
                ForkedJvm.builder(Example.class).arguments(arguments).start()) {
            assertThat(process.awaitExit(Duration.ofSeconds(60)))
                    .as(() -> process.errors().toString())
                    .isEqualTo(code);
            List<String> said = process.errors().stream()
                    .filter(line -> !line.contains(" INFO ") && !line.contains(" WARN ") && !line.contains(" ERROR "))
                    .toList();
            assertThat(said).filteredOn(line -> line.contains(words)).hasSize(1);
            assertThat(said).noneMatch(line -> line.startsWith("\tat ") || line.contains("Exception in thread"));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "                                                | 2 | there are CustomTableAndAggregator, Embedded",
                "Nope                                            | 2 | unknown example \"Nope\"; there are",
                "EmbeddedInAService                              | 2 | 0 arguments are not 2",
                "EmbeddedInAService localhost:1 mysql://x        | 2 | does not begin with jdbc:postgresql:",
                "TunedService localhost:1 mysql://x 0            | 2 | does not begin with jdbc:postgresql:",
                "HealthOverHttp localhost:1 DB 0 no.host.invalid | 2 | \"no.host.invalid\" does not resolve",
                "TunedService localhost:1 DB 0 no.host.invalid   | 2 | \"no.host.invalid\" does not resolve",
                "PublishFromAnAgent no.host.invalid:9092 machine | 3 | No resolvable bootstrap urls"
            })
    void wrongStart_isOneLine(String arguments, int code, String words) {
        assertFailed(
                code,
                words,
                Stream.ofNullable(arguments)
                        .flatMap(text -> Stream.of(text.replace("DB", DATABASE).split(" ")))
                        .toArray(String[]::new));
    }

    @Test
    void takenPort_isNamed() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());
            for (String name : List.of("HealthOverHttp", "TunedService")) {
                assertFailed(ExitCodes.NOT_SO, "port " + port + " of 127.0.0.1", name, "localhost:1", DATABASE, port);
            }
        }
    }
}
