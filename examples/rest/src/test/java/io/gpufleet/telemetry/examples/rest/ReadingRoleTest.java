package io.gpufleet.telemetry.examples.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The rights on the page about security are enough for every question. */
@TelemetryStackTest
final class ReadingRoleTest {
    private static final Pattern RIGHTS = Pattern.compile("(?s)```sql\n(CREATE ROLE telemetry_reader.*?)```");

    @Test
    void role_mayAsk(TelemetryStack stack) throws IOException, SQLException {
        StoredFleet fleet = StoredFleet.create(stack);
        Matcher rights = RIGHTS.matcher(Files.readString(Path.of("..", "..", "docs", "security.md")));
        assertThat(rights.find()).isTrue();
        try (Connection connection = fleet.database().dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : rights.group(1).split(";\\s*", -1)) {
                if (!sql.isBlank()) {
                    statement.execute(sql);
                }
            }
        }
        String day = Instant.now().toString();
        fleet.store(StoredFleet.U, "DCGM_FI_DEV_GPU_TEMP", 61, day);
        try (RunningApi api = RunningApi.startAs("telemetry_reader", stack, fleet)) {
            assertThat(user(api)).isEqualTo("telemetry_reader");
            assertThat(api.strangers().get("/ready").status()).isEqualTo(200);
            for (String path : new String[] {
                "/api/v1/gpus",
                "/api/v1/hosts",
                "/api/v1/namespaces",
                "/api/v1/fleet/summary",
                "/api/v1/gpus/" + StoredFleet.U,
                "/api/v1/gpus/" + StoredFleet.U + "/telemetry",
                "/api/v1/gpus/" + StoredFleet.U + "/stats",
                "/api/v1/gpus/" + StoredFleet.U + "/xid",
                "/api/v1/gpus/" + StoredFleet.U + "/metrics?metric=DCGM_FI_DEV_GPU_TEMP&aggregation=avg"
            }) {
                api.calls().get(path).good();
            }
        }
    }

    private static String user(RunningApi api) throws SQLException {
        try (Connection connection = api.bean(HikariDataSource.class).getConnection()) {
            return connection.getMetaData().getUserName();
        }
    }
}
