package io.gpufleet.telemetry.examples.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.examples.Snippets;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The operator's output in the README is that of the tool. */
@TelemetryStackTest
final class ReadmeOperatorTest {
    private static final String PROMPT = "$ examples/bin/operator ";

    @Test
    void commands_printWhatTheReadmeShows(TelemetryStack stack) throws IOException {
        Installation installation = new Installation(stack);
        service(installation, "east", 82, 87, "500, NULL");
        service(installation, "west", 20, 106, "60, 20");

        List<String> shown = Snippets.of("README.md").blocks("console").stream()
                .flatMap(block -> Arrays.stream(block.split("(?m)^(?=\\$ )")))
                .toList();

        assertThat(shown)
                .hasSizeGreaterThan(1)
                .allSatisfy(command -> assertThat(withoutAges(PROMPT + typed(command) + "\n"
                                + installation.run(typed(command).split(" ")).answer()))
                        .isEqualToIgnoringNewLines(withoutAges(command.stripTrailing() + "\n")));
    }

    private static String withoutAges(String answer) {
        return answer.replaceAll("[0-9] s ago", "n s ago");
    }

    private static String typed(String command) {
        assertThat(command).startsWith(PROMPT);
        return command.lines().limit(1).collect(Collectors.joining()).substring(PROMPT.length());
    }

    private static void service(Installation installation, String group, int batch, int millis, String settings) {
        String names = "('heartbeats-" + group + "', '" + group + "', ";
        installation.execute("INSERT INTO telemetry.pipeline_consumer_configs (service_name, consumer_group_id,"
                + " max_poll_records, batch_max_records) VALUES " + names + settings + ")");
        installation.execute("INSERT INTO telemetry.consumer_lag_history (service_name, consumer_group_id, topic,"
                + " partition, consumer_offset, log_end_offset, lag) VALUES " + names + "'t', 0, 0, 0, 0)");
        installation.execute("INSERT INTO telemetry.consumer_processing_metrics (service_name, consumer_group_id,"
                + " batch_size, messages_processed, processing_time_ms) VALUES " + names + batch + ", " + batch + ", "
                + millis + ")");
    }
}
