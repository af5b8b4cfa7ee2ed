package io.gpufleet.telemetry.jdbc;

import static io.gpufleet.telemetry.jdbc.Heartbeats.NOON;
import static io.gpufleet.telemetry.jdbc.Heartbeats.device;
import static io.gpufleet.telemetry.jdbc.Heartbeats.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.heartbeat.Device;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.testkit.Await;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Updates stay on their page and leave no index entry behind: the tables do not grow with the number of batches. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class HotUpdatesTest {
    private static final int CLIENTS = 200;
    private static final int BATCHES = 60;

    @Parameter
    PostgresVersion version;

    @Test
    void write_updatesInPlace() {
        Database database = version.database();
        Device[] devices = new Device[4];
        Arrays.fill(devices, device(50));
        try (var pool = Pools.of(database, 1)) {
            Feed<Heartbeat> feed = Feed.open(HeartbeatSink.create(pool), Feed.P0);
            for (int batch = 0; batch < BATCHES; batch++) {
                for (int client = 0; client < CLIENTS; client++) {
                    feed.add(heartbeat(client, batch % 100, devices), NOON.plusSeconds(batch));
                }
                feed.write();
            }
        }
        for (String table : List.of("client_daily_stats", "device_daily_stats", "system_info", "device_info")) {
            long rows = database.count(table);
            assertThat(hotShare(database, table, rows * (BATCHES - 1)))
                    .as(table)
                    .isGreaterThanOrEqualTo(0.9);
        }
        assertThat(hotShare(database, "consumer_offsets", BATCHES)).isGreaterThanOrEqualTo(0.9);
    }

    /** The counts arrive when the session has ended. */
    private static double hotShare(Database database, String table, long updates) {
        String counts = "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = '" + table + "'";
        String[] seen = Await.until(
                        updates + " updates of " + table,
                        Duration.ofSeconds(20),
                        () -> database.row(counts),
                        row -> row.startsWith(updates + "|"))
                .split("\\|", -1);
        return Double.parseDouble(seen[1]) / updates;
    }
}
