package io.gpufleet.telemetry.examples.rest.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.examples.rest.Answer;
import io.gpufleet.telemetry.examples.rest.RunningApi;
import io.gpufleet.telemetry.examples.rest.StoredFleet;
import io.gpufleet.telemetry.examples.rest.stream.CapturedLog;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The answers of a database that has samples of GPUs only. */
@TelemetryStackTest
final class AbsentTablesTest {

    @Test
    void databaseOfGpusOnly_saysWhatItHasNot(TelemetryStack stack) {
        StoredFleet fleet = StoredFleet.ofGpusOnly(stack.newDatabase());
        try (RunningApi api = RunningApi.start(stack, fleet);
                CapturedLog log = new CapturedLog(Outage.class)) {
            String client = "/api/v1/clients/abcd0000000000000000000000000001";
            for (String path : List.of(
                    "/api/v1/clients", "/api/v1/clients/quiet", client, client + "/devices", client + "/stats")) {
                isAbsent(api.calls().get(path), "heartbeats");
            }
            isAbsent(api.calls().get("/api/v1/stats"), "consumer reports");
            isAbsent(api.calls().get("/api/v1/status"), "consumer reports");
            assertThat(log.lines()).isEmpty();
            api.calls().get("/api/v1/gpus").good();
        }
    }

    private static void isAbsent(Answer answer, String contents) {
        answer.refused(404, "", "this database has no tables of " + contents);
        assertThat(answer.header("Retry-After")).isEmpty();
    }
}
