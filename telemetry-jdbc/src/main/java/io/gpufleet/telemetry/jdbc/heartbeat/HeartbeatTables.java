package io.gpufleet.telemetry.jdbc.heartbeat;

import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.heartbeat.ClientDailyStatistics;
import io.gpufleet.telemetry.heartbeat.ClientId;
import io.gpufleet.telemetry.heartbeat.Device;
import io.gpufleet.telemetry.heartbeat.DeviceDailyStatistics;
import io.gpufleet.telemetry.heartbeat.DeviceNames;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.NewestHeartbeat;
import io.gpufleet.telemetry.jdbc.ColumnType;
import io.gpufleet.telemetry.jdbc.PostgresTable;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The tables of heartbeats. */
final class HeartbeatTables {
    static final PostgresTable<Delivery<Heartbeat>> HEARTBEAT = PostgresTable.<Delivery<Heartbeat>>builder("heartbeat")
            .key("client_id", ColumnType.BYTEA, d -> d.value().clientId().toBytes())
            .partitionKey("timestamp", Delivery::time, "heartbeat_retention")
            .keep("cpu_usage", ColumnType.SMALLINT, d -> d.value().systemInfo().cpuUsage())
            .keep("mem_usage", ColumnType.SMALLINT, d -> d.value().systemInfo().memoryUsage())
            .keep("disk_usage", ColumnType.SMALLINT, d -> d.value().systemInfo().diskUsage())
            .keep("network_up", ColumnType.BIGINT, d -> d.value().systemInfo().networkTx())
            .keep("network_down", ColumnType.BIGINT, d -> d.value().systemInfo().networkRx())
            .build();

    static final PostgresTable<ClientDailyStatistics> CLIENT_DAILY_STATS = PostgresTable.<ClientDailyStatistics>builder(
                    "client_daily_stats")
            .key("client_id", ColumnType.BYTEA, s -> s.clientId().toBytes())
            .key("date", ColumnType.DATE, ClientDailyStatistics::date)
            .sum("total_heartbeats", ColumnType.INTEGER, ClientDailyStatistics::totalHeartbeats)
            .sum("sum_cpu_usage", ColumnType.BIGINT, ClientDailyStatistics::sumCpuUsage)
            .sum("sum_memory_usage", ColumnType.BIGINT, ClientDailyStatistics::sumMemoryUsage)
            .sum("sum_disk_usage", ColumnType.BIGINT, ClientDailyStatistics::sumDiskUsage)
            .saturatingSum("total_network_in_bytes", ColumnType.BIGINT, ClientDailyStatistics::networkInBytes)
            .saturatingSum("total_network_out_bytes", ColumnType.BIGINT, ClientDailyStatistics::networkOutBytes)
            .max("last_heartbeat", ColumnType.TIMESTAMPTZ, ClientDailyStatistics::lastHeartbeat)
            .updatedAt("updated_at")
            .build();

    static final PostgresTable<DeviceDailyStatistics> DEVICE_DAILY_STATS = PostgresTable.<DeviceDailyStatistics>builder(
                    "device_daily_stats")
            .key("client_id", ColumnType.BYTEA, s -> s.clientId().toBytes())
            .key("device_index", ColumnType.SMALLINT, DeviceDailyStatistics::deviceIndex)
            .key("date", ColumnType.DATE, DeviceDailyStatistics::date)
            .newestBy("last_heartbeat", "device_name", ColumnType.STORABLE_TEXT, DeviceDailyStatistics::deviceName)
            .sum("total_heartbeats", ColumnType.INTEGER, DeviceDailyStatistics::totalHeartbeats)
            .sum("sum_utilization", ColumnType.BIGINT, DeviceDailyStatistics::sumUtilization)
            .sum("sum_temperature", ColumnType.BIGINT, DeviceDailyStatistics::sumTemperature)
            .sum("sum_power_usage", ColumnType.BIGINT, DeviceDailyStatistics::sumPowerUsage)
            .sum("sum_memory_usage", ColumnType.BIGINT, DeviceDailyStatistics::sumMemoryUsage)
            .max("last_heartbeat", ColumnType.TIMESTAMPTZ, DeviceDailyStatistics::lastHeartbeat)
            .updatedAt("updated_at")
            .build();

    static final PostgresTable<NewestHeartbeat> SYSTEM_INFO = PostgresTable.<NewestHeartbeat>builder("system_info")
            .key("client_id", ColumnType.BYTEA, n -> n.clientId().toBytes())
            .max("heartbeat_at", ColumnType.TIMESTAMPTZ, NewestHeartbeat::time)
            .newestBy(
                    "heartbeat_at",
                    "cpu_usage",
                    ColumnType.SMALLINT,
                    n -> n.heartbeat().systemInfo().cpuUsage())
            .newestBy(
                    "heartbeat_at",
                    "mem_usage",
                    ColumnType.SMALLINT,
                    n -> n.heartbeat().systemInfo().memoryUsage())
            .newestBy(
                    "heartbeat_at",
                    "disk_usage",
                    ColumnType.SMALLINT,
                    n -> n.heartbeat().systemInfo().diskUsage())
            .newestBy(
                    "heartbeat_at",
                    "total_tflops",
                    ColumnType.INTEGER,
                    n -> Math.toIntExact(n.heartbeat().totalTflops()))
            .newestBy(
                    "heartbeat_at",
                    "device_memsize",
                    ColumnType.BIGINT,
                    n -> n.heartbeat().deviceMemTotalGb())
            .newestBy(
                    "heartbeat_at",
                    "device_count",
                    ColumnType.INTEGER,
                    n -> Math.toIntExact(n.heartbeat().deviceCount()))
            .updatedAt("updated_at")
            .build();

    static final PostgresTable<NamedDevice> DEVICE_INFO = PostgresTable.<NamedDevice>builder("device_info")
            .key("client_id", ColumnType.BYTEA, d -> d.clientId.toBytes())
            .key("device_index", ColumnType.SMALLINT, d -> d.device.index())
            .max("heartbeat_at", ColumnType.TIMESTAMPTZ, NamedDevice::time)
            .newestBy("heartbeat_at", "device_name", ColumnType.STORABLE_TEXT, NamedDevice::name)
            .newestBy("heartbeat_at", "device_id", ColumnType.INTEGER, d -> d.device.deviceId())
            .newestBy("heartbeat_at", "vendor_id", ColumnType.INTEGER, d -> d.device.vendorId())
            .newestBy("heartbeat_at", "device_memusage", ColumnType.SMALLINT, d -> d.device.memoryUsage())
            .newestBy("heartbeat_at", "device_gpuusage", ColumnType.SMALLINT, d -> d.device.usage())
            .newestBy("heartbeat_at", "device_powerusage", ColumnType.SMALLINT, d -> d.device.powerUsage())
            .newestBy("heartbeat_at", "device_temp", ColumnType.SMALLINT, d -> d.device.temperature())
            .newestBy("heartbeat_at", "device_memsize_gb", ColumnType.INTEGER, d -> d.device.memorySizeGb())
            .newestBy("heartbeat_at", "device_powerlimit_w", ColumnType.INTEGER, d -> d.device.powerLimitWatts())
            .updatedAt("updated_at")
            .build();

    private HeartbeatTables() {}

    /** A device of a heartbeat, with its name. */
    record NamedDevice(ClientId clientId, Device device, String name, Instant time) {}

    /** Returns the devices of a heartbeat; absent if the client has devices but its collector failed to name them. */
    static Optional<List<NamedDevice>> devices(NewestHeartbeat newest, DeviceNames names) {
        Heartbeat heartbeat = newest.heartbeat();
        List<NamedDevice> devices = heartbeat.devices().stream()
                .map(device -> new NamedDevice(
                        heartbeat.clientId(),
                        device,
                        names.nameOf(device.vendorId(), device.deviceId()),
                        newest.time()))
                .toList();
        return devices.isEmpty() && heartbeat.deviceCount() > 0 ? Optional.empty() : Optional.of(devices);
    }
}
