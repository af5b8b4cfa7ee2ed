package io.gpufleet.telemetry.integration.faults;

import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.testkit.FleetGenerator;
import io.gpufleet.telemetry.testkit.FleetRecord;
import io.gpufleet.telemetry.testkit.TestRecord;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.sql.DataSource;

/** Heartbeats, with some records damaged, some invalid, and some without their devices. Immutable. */
final class HeartbeatCargo implements Cargo {
    private static final double WRONG = 0.006;
    private static final double WITHOUT_DEVICES = 0.2;

    /** The number of compared decimals of a mean. */
    private static final int DECIMALS = 6;

    private static final StoredTable HEARTBEAT = new StoredTable(
            "heartbeat",
            "concat_ws(' ', " + client() + ", " + StoredTable.millis("\"timestamp\"") + ")",
            "concat_ws(' ', cpu_usage, mem_usage, disk_usage, network_up, network_down)",
            "heartbeat");
    private static final StoredTable CLIENT_DAILY_STATS = new StoredTable(
            "client_daily_stats",
            "concat_ws(' ', " + client() + ", date)",
            "concat_ws(' ', total_heartbeats, sum_cpu_usage, sum_memory_usage, sum_disk_usage, total_network_in_bytes,"
                    + " total_network_out_bytes, " + StoredTable.millis("last_heartbeat") + ", "
                    + mean("avg_cpu_usage") + ", " + mean("avg_memory_usage") + ", " + mean("avg_disk_usage") + ")",
            "client_daily_stats");
    private static final StoredTable DEVICE_DAILY_STATS = new StoredTable(
            "device_daily_stats",
            "concat_ws(' ', " + client() + ", device_index, date)",
            "concat_ws(' ', total_heartbeats, sum_utilization, sum_temperature, sum_power_usage, sum_memory_usage, "
                    + StoredTable.millis("last_heartbeat") + ", " + mean("avg_utilization") + ", "
                    + mean("avg_temperature") + ", " + mean("avg_power_usage") + ", " + mean("avg_memory_usage") + ")",
            "device_daily_stats");
    private static final StoredTable SYSTEM_INFO = new StoredTable(
            "system_info",
            client(),
            "concat_ws(' ', cpu_usage, mem_usage, disk_usage, total_tflops, " + StoredTable.millis("heartbeat_at")
                    + ", device_memsize, device_count, coalesce(" + StoredTable.millis("devices_at") + "::text, '-'))",
            "system_info");
    private static final StoredTable DEVICE_INFO = new StoredTable(
            "device_info",
            "concat_ws(' ', " + client() + ", device_index)",
            "concat_ws(' ', device_id, vendor_id, device_memusage, device_gpuusage, device_powerusage, device_temp, "
                    + StoredTable.millis("heartbeat_at") + ", device_memsize_gb, device_powerlimit_w)",
            "device_info");

    private static String client() {
        return "encode(client_id, 'hex')";
    }

    private static String mean(String column) {
        return "round(" + column + "::numeric, " + DECIMALS + ")";
    }

    @Override
    public String name() {
        return "heartbeats";
    }

    @Override
    public Iterator<TestRecord> records(long seed) {
        return FleetGenerator.builder()
                .seed(seed)
                .clients(1_000)
                .devicesPerClient(0, 12)
                .collectorFailureRate(WITHOUT_DEVICES)
                .damageRate(WRONG)
                .refusalRate(WRONG)
                .start(Instant.now().minus(Duration.ofDays(2)))
                .build()
                .stream()
                .<TestRecord>map(record -> record)
                .iterator();
    }

    @Override
    public boolean isGood(TestRecord record) {
        return record instanceof FleetRecord sent && sent.kind() == FleetRecord.Kind.GOOD;
    }

    @Override
    public void install(DataSource owner, boolean partitionedByDay) {
        TelemetrySchema.Builder schema = TelemetrySchema.builder(owner);
        (partitionedByDay ? schema.partitionedByDay() : schema).build().install();
    }

    @Override
    public List<String> partitionedTables(boolean partitionedByDay) {
        return partitionedByDay ? List.of("heartbeat") : List.of();
    }

    @Override
    public String writtenTable() {
        return "client_daily_stats";
    }

    @Override
    public boolean isAccepted(LogRecord record) {
        return WireHeartbeat.accepted(record).isPresent();
    }

    @Override
    public List<StoredTable> tables() {
        return List.of(HEARTBEAT, CLIENT_DAILY_STATS, DEVICE_DAILY_STATS, SYSTEM_INFO, DEVICE_INFO);
    }

    @Override
    public void putRows(Collection<LogRecord> accepted, Map<StoredTable, Map<String, String>> tables) {
        Map<String, WireHeartbeat> once = new TreeMap<>();
        accepted.forEach(record -> {
            WireHeartbeat heartbeat = WireHeartbeat.accepted(record).orElseThrow();
            once.putIfAbsent(heartbeat.client() + " " + heartbeat.millis(), heartbeat);
        });
        once.forEach((key, heartbeat) -> tables.get(HEARTBEAT).put(key, heartbeat(heartbeat)));
        putStatistics(once.values(), tables);
        putNewest(once.values(), tables);
    }

    @Override
    public int refusedValues(LogRecord record) {
        return isAccepted(record) ? 0 : 1;
    }

    @Override
    public List<String> complaints(Collection<LogRecord> accepted, DataSource database) {
        return List.of();
    }

    @Override
    public List<String> corruptions() {
        return List.of(
                "UPDATE heartbeat SET network_up = network_up + 1 WHERE id = (SELECT min(id) FROM heartbeat)",
                "DELETE FROM heartbeat WHERE id = (SELECT max(id) FROM heartbeat)",
                "UPDATE client_daily_stats SET sum_disk_usage = sum_disk_usage + 1"
                        + " WHERE id = (SELECT min(id) FROM client_daily_stats)",
                "UPDATE device_daily_stats SET total_heartbeats = total_heartbeats + 1"
                        + " WHERE id = (SELECT min(id) FROM device_daily_stats)",
                "UPDATE system_info SET heartbeat_at = heartbeat_at + interval '1 ms'"
                        + " WHERE client_id = (SELECT max(client_id) FROM system_info)",
                "DELETE FROM device_info WHERE ctid = (SELECT min(ctid) FROM device_info)");
    }

    private static String heartbeat(WireHeartbeat h) {
        return row(h.cpu(), h.memory(), h.disk(), h.sent(), h.received());
    }

    /** Sums by day; the last element of each is the newest time. */
    private static void putStatistics(
            Iterable<WireHeartbeat> heartbeats, Map<StoredTable, Map<String, String>> tables) {
        Map<String, long[]> clients = new TreeMap<>();
        Map<String, long[]> devices = new TreeMap<>();
        for (WireHeartbeat h : heartbeats) {
            LocalDate day = LocalDate.ofInstant(Instant.ofEpochMilli(h.millis()), ZoneOffset.UTC);
            add(clients, h.client() + " " + day, h.millis(), h.cpu(), h.memory(), h.disk(), h.received(), h.sent());
            for (int index = 0; index < h.devices().size(); index++) {
                WireHeartbeat.Device d = h.devices().get(index);
                String key = h.client() + " " + index + " " + day;
                add(devices, key, h.millis(), d.usage(), d.temperature(), d.power(), d.memory());
            }
        }
        clients.forEach((key, s) -> tables.get(CLIENT_DAILY_STATS)
                .put(key, row(s[0], s[1], s[2], s[3], s[4], s[5], s[6], mean(s, 1), mean(s, 2), mean(s, 3))));
        devices.forEach((key, s) -> tables.get(DEVICE_DAILY_STATS)
                .put(key, row(s[0], s[1], s[2], s[3], s[4], s[5], mean(s, 1), mean(s, 2), mean(s, 3), mean(s, 4))));
    }

    private static void add(Map<String, long[]> sums, String key, long millis, long... values) {
        long[] sum = sums.computeIfAbsent(key, none -> new long[values.length + 2]);
        sum[0]++;
        for (int i = 0; i < values.length; i++) {
            sum[i + 1] += values[i];
        }
        sum[values.length + 1] = Math.max(sum[values.length + 1], millis);
    }

    private static BigDecimal mean(long[] sums, int column) {
        return BigDecimal.valueOf(sums[column]).divide(BigDecimal.valueOf(sums[0]), DECIMALS, RoundingMode.HALF_UP);
    }

    /**
     * Returns the newest heartbeat of each client, and the devices of the newest one that names them or reports none.
     */
    private static void putNewest(Iterable<WireHeartbeat> heartbeats, Map<StoredTable, Map<String, String>> tables) {
        Map<String, WireHeartbeat> newest = new TreeMap<>();
        Map<String, WireHeartbeat> naming = new TreeMap<>();
        for (WireHeartbeat h : heartbeats) {
            newest.merge(h.client(), h, HeartbeatCargo::newer);
            if (!h.devices().isEmpty() || h.deviceCount() == 0) {
                naming.merge(h.client(), h, HeartbeatCargo::newer);
            }
        }
        newest.forEach((client, h) ->
                tables.get(SYSTEM_INFO).put(client, state(h, Optional.ofNullable(naming.get(client)))));
        naming.values().forEach(h -> {
            for (int index = 0; index < h.devices().size(); index++) {
                tables.get(DEVICE_INFO)
                        .put(h.client() + " " + index, device(h.devices().get(index), h.millis()));
            }
        });
    }

    private static WireHeartbeat newer(WireHeartbeat one, WireHeartbeat other) {
        return one.millis() >= other.millis() ? one : other;
    }

    private static String state(WireHeartbeat h, Optional<WireHeartbeat> naming) {
        return row(
                h.cpu(),
                h.memory(),
                h.disk(),
                h.tflops(),
                h.millis(),
                h.memoryGb(),
                h.deviceCount(),
                naming.<Object>map(WireHeartbeat::millis).orElse("-"));
    }

    private static String device(WireHeartbeat.Device d, long millis) {
        return row(
                d.model(),
                d.vendor(),
                d.memory(),
                d.usage(),
                d.power(),
                d.temperature(),
                millis,
                d.memoryGb(),
                d.powerLimit());
    }

    private static String row(Object... values) {
        List<String> texts = new ArrayList<>();
        for (Object value : values) {
            texts.add(value.toString());
        }
        return String.join(" ", texts);
    }
}
