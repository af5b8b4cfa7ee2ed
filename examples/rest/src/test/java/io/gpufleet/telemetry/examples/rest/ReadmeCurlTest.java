package io.gpufleet.telemetry.examples.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The answers that the README shows are those of the service. */
@TelemetryStackTest
final class ReadmeCurlTest {
    private static final Path README = Path.of("..", "..", "README.md");
    private static final Pattern CALL =
            Pattern.compile("(?m)^curl -H \"X-API-Key: \\$KEY\" 'http://127.0.0.1:8080(\\S+)'\n(\\S.*)$");

    @Test
    void answers_areThose(TelemetryStack stack) throws IOException {
        StoredFleet fleet = StoredFleet.create(stack)
                .store(StoredFleet.U, "DCGM_FI_DEV_GPU_TEMP", 61, "2026-03-01T12:00:00Z")
                .store(StoredFleet.U, "DCGM_FI_DEV_GPU_TEMP", 64, "2026-03-01T12:00:30Z");
        try (RunningApi api = RunningApi.start(stack, fleet)) {
            var calls = CALL.matcher(Files.readString(README)).results().toList();
            assertThat(calls).hasSize(3);
            for (MatchResult call : calls) {
                assertThat(api.calls().get(call.group(1)).text())
                        .as(call.group(1))
                        .isEqualTo(call.group(2));
            }
        }
    }
}
