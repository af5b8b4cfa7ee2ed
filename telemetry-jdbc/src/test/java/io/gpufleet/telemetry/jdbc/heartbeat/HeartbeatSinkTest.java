package io.gpufleet.telemetry.jdbc.heartbeat;

import static io.gpufleet.telemetry.jdbc.Heartbeats.NOON;
import static io.gpufleet.telemetry.jdbc.Heartbeats.device;
import static io.gpufleet.telemetry.jdbc.Heartbeats.heartbeat;
import static io.gpufleet.telemetry.jdbc.Heartbeats.withoutPods;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.TelemetryEvent.DuplicatesDropped;
import io.gpufleet.telemetry.heartbeat.Device;
import io.gpufleet.telemetry.heartbeat.DeviceNames;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.SystemInfo;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.Feed;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Properties;
import java.util.TimeZone;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class HeartbeatSinkTest {
    private static final List<String> TABLES =
            List.of("heartbeat", "client_daily_stats", "device_daily_stats", "system_info", "device_info");

    @Parameter
    PostgresVersion version;

    private Database database;
    private Feed<Heartbeat> feed;

    @BeforeEach
    void open() {
        database = version.database();
        feed = Feed.open(HeartbeatSink.create(database.dataSource()), Feed.P0);
    }

    @AfterEach
    void invariantHolds() {
        assertThat(HeartbeatInvariant.check(database.dataSource())).hasToString("Invariant holds");
    }

    @Test
    void write_storesHeartbeatsStatisticsAndState() {
        feed.add(heartbeat(1, 50, device(50), device(51)), NOON);
        feed.add(heartbeat(1, 60, device(60)), NOON.plusSeconds(5));
        feed.write();

        assertThat(feed.sink().positions(List.of(Feed.P0))).containsEntry(Feed.P0, new Position(Feed.TOPIC_ID, 2, -1));
        assertThat(database.rows("SELECT client_id, cpu_usage, mem_usage, disk_usage, network_up, network_down,"
                        + " timestamp FROM heartbeat ORDER BY timestamp"))
                .containsExactly(
                        "\\x80000000000000000000000000000001|50|50|50|100|50|2026-11-20 12:00:00+00",
                        "\\x80000000000000000000000000000001|60|60|60|120|60|2026-11-20 12:00:05+00");
        assertThat(database.rows("SELECT date, client_id, total_heartbeats, avg_cpu_usage, avg_memory_usage,"
                        + " avg_disk_usage, total_network_in_bytes, total_network_out_bytes, last_heartbeat,"
                        + " sum_cpu_usage, sum_memory_usage, sum_disk_usage FROM client_daily_stats"))
                .containsExactly("2026-11-20|\\x80000000000000000000000000000001|2|55|55|55|110|220"
                        + "|2026-11-20 12:00:05+00|110|110|110");
        assertThat(database.rows("SELECT device_index, device_name, total_heartbeats, avg_utilization,"
                        + " avg_temperature, avg_power_usage, avg_memory_usage, last_heartbeat FROM device_daily_stats"
                        + " ORDER BY device_index"))
                .containsExactly(
                        "0|NVIDIA H100 PCIe|2|55|55|55|55|2026-11-20 12:00:05+00",
                        "1|NVIDIA H100 PCIe|1|51|51|51|51|2026-11-20 12:00:00+00");
        assertThat(database.rows("SELECT cpu_usage, mem_usage, disk_usage, total_tflops, heartbeat_at,"
                        + " device_memsize, device_count FROM system_info"))
                .containsExactly("60|60|60|100|2026-11-20 12:00:05+00|80|1");
        assertThat(database.rows("SELECT device_index, device_name, device_id, vendor_id, device_memusage,"
                        + " device_gpuusage, device_powerusage, device_temp, heartbeat_at, device_memsize_gb,"
                        + " device_powerlimit_w FROM device_info"))
                .containsExactly("0|NVIDIA H100 PCIe|9009|4318|60|60|60|60|2026-11-20 12:00:05+00|80|350");
    }

    @Test
    void write_aReplayChangesNothing() {
        feed.add(heartbeat(1, 50, device(50), device(51)), NOON);
        feed.add(heartbeat(2, 10), NOON.plusSeconds(1));
        feed.add(heartbeat(1, 70, device(70)), NOON.plusSeconds(2));
        List<String> before = replay(feed);
        assertThat(tables()).isEqualTo(before);
        assertThat(feed.events()).containsExactly(new DuplicatesDropped(3));
    }

    @Test
    void write_aSecondGroupChangesNothingButItsPositions() {
        feed.add(heartbeat(1, 50, device(50)), NOON).write();
        List<String> before = tables();
        Feed<Heartbeat> second = Feed.open(HeartbeatSink.create(database.dataSource()), Feed.P0, "second");
        second.add(heartbeat(1, 50, device(50)), NOON).write();
        assertThat(tables()).isEqualTo(before);
        assertThat(database.rows("SELECT group_id, next_offset FROM consumer_offsets ORDER BY 1"))
                .containsExactly("g|1", "second|1");
    }

    @Test
    void write_ofAMixtureOfOldAndNewCountsTheNewOnly() {
        feed.add(heartbeat(1, 50), NOON).write();
        feed.add(heartbeat(1, 50), NOON)
                .add(heartbeat(1, 70), NOON.plusSeconds(1))
                .write();
        assertThat(database.row("SELECT total_heartbeats, sum_cpu_usage FROM client_daily_stats"))
                .isEqualTo("2|120");
        assertThat(feed.events()).containsExactly(new DuplicatesDropped(1));
    }

    @Test
    void write_countsALateHeartbeatInItsDayAndKeepsTheState() {
        feed.add(heartbeat(1, 50, device(50)), NOON).write();
        feed.add(heartbeat(1, 90, device(90), device(91)), NOON.minus(Duration.ofDays(1)))
                .write();
        feed.add(heartbeat(1, 10, device(10), device(11)), NOON.minusMillis(1)).write();

        assertThat(database.rows("SELECT date, total_heartbeats, sum_cpu_usage FROM client_daily_stats ORDER BY 1"))
                .containsExactly("2026-11-19|1|90", "2026-11-20|2|60");
        assertThat(database.row("SELECT cpu_usage, heartbeat_at FROM system_info"))
                .isEqualTo("50|2026-11-20 12:00:00+00");
        assertThat(database.rows("SELECT device_index, device_gpuusage FROM device_info"))
                .containsExactly("0|50");
    }

    @Test
    void write_keepsTheHeartbeatStoredFirstOfTwoAtTheSameTime() {
        feed.add(heartbeat(1, 50, device(50)), NOON)
                .add(heartbeat(1, 60, device(60)), NOON)
                .write();
        feed.add(heartbeat(1, 70, device(70)), NOON).write();
        assertThat(database.rows("SELECT cpu_usage FROM heartbeat")).containsExactly("50");
        assertThat(database.row("SELECT total_heartbeats, sum_cpu_usage FROM client_daily_stats"))
                .isEqualTo("1|50");
        assertThat(database.row("SELECT cpu_usage FROM system_info")).isEqualTo("50");
        assertThat(database.row("SELECT device_gpuusage FROM device_info")).isEqualTo("50");
    }

    @Test
    void write_takesTimesThatDifferByLessThanAMicrosecondForTheSame() {
        feed.add(heartbeat(1, 50), NOON.plusNanos(1))
                .add(heartbeat(1, 60), NOON.plusNanos(999))
                .write();
        feed.add(heartbeat(1, 70), NOON.plusNanos(1_000)).write();
        assertThat(database.rows("SELECT cpu_usage, timestamp FROM heartbeat ORDER BY 2"))
                .containsExactly("50|2026-11-20 12:00:00+00", "70|2026-11-20 12:00:00.000001+00");
    }

    @Test
    void write_keepsTheDevicesWhenTheirCollectorFailed() {
        feed.add(heartbeat(1, 50, device(50), device(51)), NOON).write();
        feed.add(withoutPods(1, 60, 2), NOON.plusSeconds(1)).write();
        assertThat(database.row("SELECT cpu_usage, device_count FROM system_info"))
                .isEqualTo("60|2");
        assertThat(database.rows("SELECT device_index, device_gpuusage FROM device_info ORDER BY 1"))
                .containsExactly("0|50", "1|51");
        assertThat(database.row("SELECT max(total_heartbeats) FROM device_daily_stats"))
                .isEqualTo("1");
    }

    @Test
    void write_removesTheDevicesOfAMachineThatHasNoneAnyMore() {
        feed.add(heartbeat(1, 50, device(50)), NOON)
                .add(heartbeat(2, 50, device(50)), NOON)
                .write();
        feed.add(withoutPods(1, 60, 0), NOON.plusSeconds(1)).write();
        assertThat(database.rows("SELECT right(client_id::text, 2) FROM device_info"))
                .containsExactly("02");
    }

    @Test
    void write_removesTheDevicesThatTheNewestHeartbeatLacks() {
        feed.add(heartbeat(1, 50, devices(9)), NOON)
                .add(heartbeat(2, 50, devices(3)), NOON)
                .write();
        feed.add(heartbeat(1, 60, devices(2)), NOON.plusSeconds(1)).write();
        assertThat(database.rows("SELECT right(client_id::text, 2), count(*), min(device_gpuusage) FROM device_info"
                        + " GROUP BY 1 ORDER BY 1"))
                .containsExactly("01|2|2", "02|3|3");
    }

    @Test
    void write_numbersDevicesOverAllPods() {
        feed.add(heartbeat(1, 50, devices(17)), NOON).write();
        assertThat(database.row("SELECT count(*), max(device_index) FROM device_info"))
                .isEqualTo("17|16");
        assertThat(database.row("SELECT count(*), max(device_index) FROM device_daily_stats"))
                .isEqualTo("17|16");
    }

    @Test
    void write_saturatesSumsOfNetworkBytes() {
        SystemInfo most = new SystemInfo(1, 1, 1, Long.MAX_VALUE, Long.MAX_VALUE - 1);
        feed.add(heartbeat(1, most), NOON).write();
        feed.add(heartbeat(1, 1), NOON.plusSeconds(1)).write();
        feed.add(heartbeat(2, most), NOON)
                .add(heartbeat(2, most), NOON.plusSeconds(1))
                .write();
        assertThat(database.rows("SELECT total_network_in_bytes, total_network_out_bytes FROM client_daily_stats"))
                .containsExactly("9223372036854775807|9223372036854775807", "9223372036854775807|9223372036854775807");
    }

    @Test
    void write_countsByTheUtcDayInEveryTimeZone() {
        TimeZone zone = TimeZone.getDefault();
        try {
            for (String other : List.of("America/St_Johns", "Pacific/Kiritimati", "UTC")) {
                TimeZone.setDefault(TimeZone.getTimeZone(other));
                Instant midnight = Instant.parse("2026-03-01T00:00:00Z");
                long client = other.length();
                feed.add(heartbeat(client, 1), midnight.minusMillis(1))
                        .add(heartbeat(client, 2), midnight)
                        .add(heartbeat(client, 3), midnight.plusMillis(1))
                        .write();
            }
        } finally {
            TimeZone.setDefault(zone);
        }
        assertThat(database.rows("SELECT date, total_heartbeats, sum_cpu_usage, last_heartbeat FROM client_daily_stats"
                        + " ORDER BY client_id, date"))
                .isEqualTo(IntStream.range(0, 3)
                        .boxed()
                        .flatMap(i -> List.of(
                                "2026-02-28|1|1|2026-02-28 23:59:59.999+00",
                                "2026-03-01|2|5|2026-03-01 00:00:00.001+00")
                                .stream())
                        .toList());
    }

    @Test
    void write_takesTimesFrom1970To2100() {
        feed.add(heartbeat(1, 1), Instant.EPOCH)
                .add(heartbeat(1, 2), Instant.parse("2100-12-31T23:59:59.999Z"))
                .write();
        assertThat(database.rows("SELECT timestamp FROM heartbeat ORDER BY 1"))
                .containsExactly("1970-01-01 00:00:00+00", "2100-12-31 23:59:59.999+00");
        assertThat(database.rows("SELECT date FROM client_daily_stats ORDER BY 1"))
                .containsExactly("1970-01-01", "2100-12-31");
    }

    @Test
    void write_namesADeviceOfTheDayByItsNewestHeartbeat() {
        feed.add(heartbeat(1, 1, device(1, 0x9999)), NOON).write();
        feed.add(heartbeat(1, 1, device(1, 0x2331)), NOON.minusSeconds(1)).write();
        assertThat(database.row("SELECT device_name FROM device_daily_stats")).isEqualTo("NVIDIA 0x9999");
        feed.add(heartbeat(1, 1, device(1, 0x2331)), NOON.plusSeconds(1)).write();
        assertThat(database.row("SELECT device_name FROM device_daily_stats")).isEqualTo("NVIDIA H100 PCIe");
    }

    @Test
    void builder_takesTheHostsNamesOfDevices() {
        Properties own = new Properties();
        own.setProperty("10de.9999", "Prototype");
        Feed<Heartbeat> named = Feed.open(
                HeartbeatSink.builder(
                                database.dataSource(), DeviceNames.standard().with(own))
                        .build(),
                Feed.P1);
        named.add(heartbeat(1, 1, device(1, 0x9999)), NOON).write();
        assertThat(database.row("SELECT device_name FROM device_info")).isEqualTo("NVIDIA Prototype");
    }

    private List<String> replay(Feed<Heartbeat> replayed) {
        var batch = replayed.write();
        List<String> before = tables();
        replayed.rewind();
        replayed.sink().write(batch);
        return before;
    }

    private List<String> tables() {
        return TABLES.stream()
                .flatMap(table -> database.rows("SELECT * FROM " + table + " ORDER BY 1, 2, 3, 4").stream())
                .toList();
    }

    /** Returns a number of devices, whose values are their number. */
    private static Device[] devices(int count) {
        return IntStream.range(0, count).mapToObj(i -> device(count)).toArray(Device[]::new);
    }
}
