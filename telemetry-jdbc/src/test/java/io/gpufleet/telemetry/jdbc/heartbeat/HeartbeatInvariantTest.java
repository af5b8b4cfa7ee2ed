package io.gpufleet.telemetry.jdbc.heartbeat;

import static io.gpufleet.telemetry.jdbc.Heartbeats.NOON;
import static io.gpufleet.telemetry.jdbc.Heartbeats.client;
import static io.gpufleet.telemetry.jdbc.Heartbeats.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.Feed;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatInvariant.Difference;
import java.time.Duration;
import java.time.LocalDate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class HeartbeatInvariantTest {
    private static final LocalDate DAY = LocalDate.of(2026, 11, 20);

    @Parameter
    PostgresVersion version;

    private Database database;

    /** Three clients, two days, two heartbeats a day. */
    @BeforeEach
    void write() {
        database = version.database();
        Feed<Heartbeat> feed = Feed.open(HeartbeatSink.create(database.dataSource()), Feed.P0);
        for (int client = 1; client <= 3; client++) {
            for (int hours = 0; hours <= 30; hours += 10) {
                feed.add(heartbeat(client, 10 + hours), NOON.minus(Duration.ofHours(hours)));
            }
        }
        feed.write();
        assertThat(HeartbeatInvariant.check(database.dataSource()).holds()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "total_network_in_bytes, 30, 31",
        "total_network_out_bytes, 60, 61",
        "last_heartbeat, 2026-11-20 12:00:00+00, 2026-11-20 12:00:01+00"
    })
    void check_findsAColumn(String column, String right, String wrong) {
        corrupt(column + " = '" + wrong + "'");
        assertThat(HeartbeatInvariant.check(database.dataSource()).first())
                .containsExactly(new Difference(client(2), DAY, column, wrong, right));
    }

    @ParameterizedTest
    @CsvSource({"cpu", "memory", "disk"})
    void check_findsASumAndItsAverage(String load) {
        corrupt("sum_" + load + "_usage = 33");
        HeartbeatInvariant.Result result = HeartbeatInvariant.check(database.dataSource());
        assertThat(result.differences()).isEqualTo(2);
        assertThat(result.first())
                .containsExactly(
                        new Difference(client(2), DAY, "avg_" + load + "_usage", "16.5", "15"),
                        new Difference(client(2), DAY, "sum_" + load + "_usage", "33", "30"));
        assertThat(result)
                .hasToString("Invariant does not hold, 2 differences: client 80000000000000000000000000000002 on"
                        + " 2026-11-20: avg_" + load + "_usage is 16.5, not 15; client 80000000000000000000000000000002"
                        + " on 2026-11-20: sum_" + load + "_usage is 33, not 30");
    }

    @Test
    void check_findsACount() {
        corrupt("total_heartbeats = 3");
        assertThat(HeartbeatInvariant.check(database.dataSource()).first())
                .contains(new Difference(client(2), DAY, "total_heartbeats", "3", "2"))
                .hasSize(4);
    }

    @Test
    void check_findsARowThatIsMissing() {
        database.execute("DELETE FROM client_daily_stats WHERE date = '2026-11-20' AND " + client2());
        assertThat(HeartbeatInvariant.check(database.dataSource()).first())
                .containsExactly(new Difference(client(2), DAY, "row", "missing", "present"));
    }

    @Test
    void check_findsARowThatIsTooMany() {
        database.execute("DELETE FROM heartbeat WHERE timestamp >= '2026-11-20 00:00:00+00' AND " + client2());
        assertThat(HeartbeatInvariant.check(database.dataSource()).first())
                .containsExactly(new Difference(client(2), DAY, "row", "present", "missing"));
    }

    @Test
    void check_looksAtKeptDaysOnly() {
        database.execute("UPDATE client_daily_stats SET sum_cpu_usage = 1 WHERE date = '2026-11-19'");
        assertThat(HeartbeatInvariant.check(database.dataSource()).differences())
                .isEqualTo(6);
        database.execute("UPDATE heartbeat_retention SET kept_from = '2026-11-20'");
        assertThat(HeartbeatInvariant.check(database.dataSource()).holds()).isTrue();
        database.execute("DELETE FROM heartbeat WHERE timestamp < '2026-11-20 00:00:00+00'");
        assertThat(HeartbeatInvariant.check(database.dataSource()).holds()).isTrue();
    }

    @Test
    void check_namesTheFirstAndCountsAll() {
        database.execute("INSERT INTO client_daily_stats (date, client_id, total_heartbeats, total_network_in_bytes,"
                + " total_network_out_bytes, last_heartbeat, sum_cpu_usage, sum_memory_usage, sum_disk_usage)"
                + " SELECT date '2000-01-01' + n, decode(repeat('00', 16), 'hex'), 1, 0, 0, now(), 0, 0, 0"
                + " FROM generate_series(1, 50) AS n");
        HeartbeatInvariant.Result result = HeartbeatInvariant.check(database.dataSource());
        assertThat(result.differences()).isEqualTo(50);
        assertThat(result.first()).hasSize(HeartbeatInvariant.MAX_NAMED);
        assertThat(result.first().get(0).date()).isEqualTo(LocalDate.of(2000, 1, 2));
    }

    @Test
    void check_withoutTablesSaysSo() {
        TelemetryException failure = catchThrowableOfType(
                TelemetryException.class,
                () -> HeartbeatInvariant.check(version.emptyDatabase().dataSource()));
        assertThat(failure).hasMessageContaining("heartbeat_retention");
    }

    private void corrupt(String assignment) {
        database.execute("UPDATE client_daily_stats SET " + assignment + " WHERE date = '2026-11-20' AND " + client2());
    }

    private static String client2() {
        return "client_id = decode('80000000000000000000000000000002', 'hex')";
    }
}
