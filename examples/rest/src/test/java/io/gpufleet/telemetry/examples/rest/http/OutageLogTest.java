package io.gpufleet.telemetry.examples.rest.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.examples.rest.Answer;
import io.gpufleet.telemetry.examples.rest.RunningApi;
import io.gpufleet.telemetry.examples.rest.StoredFleet;
import io.gpufleet.telemetry.examples.rest.stream.CapturedLog;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

/** The log of questions that the database does not answer. */
@TelemetryStackTest
final class OutageLogTest {
    private static final String GPU = "/api/v1/gpus/" + StoredFleet.U;

    @Test
    void refusalSoonAfterAnOutage_hasItsWordsInTheLog(TelemetryStack stack) throws SQLException {
        StoredFleet fleet =
                StoredFleet.create(stack).store(StoredFleet.U, "DCGM_FI_DEV_GPU_TEMP", 50, "2026-03-01T12:00:00Z");
        try (RunningApi api = RunningApi.start(stack, fleet, "--connections=1");
                CapturedLog log = new CapturedLog(Outage.class)) {
            try (Connection all = api.bean(HikariDataSource.class).getConnection()) {
                assertThat(all.isValid(1)).isTrue();
                api.calls().get(GPU).problem(503);
            }
            rename(fleet, "gpu_metric", "gpu_metric_moved");
            for (int i = 0; i < 3; i++) {
                isRefused(api.calls().get(GPU + "/telemetry"));
            }
            rename(fleet, "gpu", "gpu_moved");
            isRefused(api.calls().get("/api/v1/gpus"));

            assertThat(log.lines())
                    .satisfiesExactly(
                            line -> assertThat(line).contains("until the database is back"),
                            line -> assertThat(line).contains("refuses a question", "\"gpu_metric\""),
                            line -> assertThat(line).contains("refuses a question", "\"gpu\""));
        }
    }

    private static void isRefused(Answer answer) {
        assertThat(answer.problem(503).path("detail").asString())
                .matches("database refused the question after [0-9]+ ms; the log of the service has its words");
    }

    private static void rename(StoredFleet fleet, String table, String name) throws SQLException {
        try (Connection connection = fleet.database().dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("ALTER TABLE " + table + " RENAME TO " + name);
        }
    }
}
