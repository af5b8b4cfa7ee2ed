package io.gpufleet.telemetry.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ArgumentsTest {
    private static List<String> problems(String... given) {
        return Arguments.problems(given, TunedService.class, "<brokers>", "<JDBC URL>", "<port>", "[<address>]");
    }

    @Test
    void allThatIsNeeded_isEnough_andWhatIsOptionalMayBeThere() {
        assertThat(problems("a", "jdbc:postgresql:d", "c")).isEmpty();
        assertThat(problems("a", "jdbc:postgresql:d", "c", "d")).isEmpty();
        assertThat(problems("a", "mysql://u:hunter2@h/d", "c"))
                .containsExactly("TunedService: the JDBC URL does not begin with jdbc:postgresql:");
    }

    @Test
    void tooFewOrTooMany_areAnsweredWithTheUsage() {
        String usage = "usage: examples/bin/example TunedService <brokers> <JDBC URL> <port> [<address>]";
        assertThat(problems()).containsExactly("TunedService: 0 arguments are not 3 to 4", usage);
        assertThat(problems("a", "b", "c", "d", "e"))
                .containsExactly("TunedService: 5 arguments are not 3 to 4", usage);
    }
}
