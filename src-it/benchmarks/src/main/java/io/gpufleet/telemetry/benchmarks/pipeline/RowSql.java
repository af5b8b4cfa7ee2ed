package io.gpufleet.telemetry.benchmarks.pipeline;

import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.heartbeat.ClientDailyStatistics;
import io.gpufleet.telemetry.heartbeat.Device;
import io.gpufleet.telemetry.heartbeat.DeviceDailyStatistics;
import io.gpufleet.telemetry.heartbeat.DeviceNames;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.NewestHeartbeat;
import io.gpufleet.telemetry.heartbeat.SystemInfo;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The statements of a service without such a product, of one row each. */
final class RowSql {
    private static final DeviceNames NAMES = DeviceNames.standard();

    private static final String HEARTBEAT = """
            INSERT INTO heartbeat
                (client_id, "timestamp", cpu_usage, mem_usage, disk_usage, network_up, network_down)
            VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""";

    private static final String CLIENT_DAY = """
            INSERT INTO client_daily_stats AS t
                (client_id, date, total_heartbeats, sum_cpu_usage, sum_memory_usage, sum_disk_usage,
                 total_network_in_bytes, total_network_out_bytes, last_heartbeat)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (client_id, date) DO UPDATE SET
                total_heartbeats = t.total_heartbeats + excluded.total_heartbeats,
                sum_cpu_usage = t.sum_cpu_usage + excluded.sum_cpu_usage,
                sum_memory_usage = t.sum_memory_usage + excluded.sum_memory_usage,
                sum_disk_usage = t.sum_disk_usage + excluded.sum_disk_usage,
                total_network_in_bytes = t.total_network_in_bytes + excluded.total_network_in_bytes,
                total_network_out_bytes = t.total_network_out_bytes + excluded.total_network_out_bytes,
                last_heartbeat = greatest(t.last_heartbeat, excluded.last_heartbeat), updated_at = now()""";

    private static final String DEVICE_DAY = """
            INSERT INTO device_daily_stats AS t
                (client_id, device_index, date, device_name, total_heartbeats, sum_utilization, sum_temperature,
                 sum_power_usage, sum_memory_usage, last_heartbeat)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (client_id, device_index, date) DO UPDATE SET
                device_name = excluded.device_name,
                total_heartbeats = t.total_heartbeats + excluded.total_heartbeats,
                sum_utilization = t.sum_utilization + excluded.sum_utilization,
                sum_temperature = t.sum_temperature + excluded.sum_temperature,
                sum_power_usage = t.sum_power_usage + excluded.sum_power_usage,
                sum_memory_usage = t.sum_memory_usage + excluded.sum_memory_usage,
                last_heartbeat = greatest(t.last_heartbeat, excluded.last_heartbeat), updated_at = now()""";

    private static final String SYSTEM = """
            INSERT INTO system_info AS t
                (client_id, heartbeat_at, cpu_usage, mem_usage, disk_usage, total_tflops, device_memsize, device_count)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (client_id) DO UPDATE SET
                heartbeat_at = excluded.heartbeat_at, cpu_usage = excluded.cpu_usage, mem_usage = excluded.mem_usage,
                disk_usage = excluded.disk_usage, total_tflops = excluded.total_tflops,
                device_memsize = excluded.device_memsize, device_count = excluded.device_count, updated_at = now()
            WHERE excluded.heartbeat_at > t.heartbeat_at""";

    private static final String DEVICE = """
            INSERT INTO device_info AS t
                (client_id, device_index, heartbeat_at, device_name, device_id, vendor_id, device_memusage,
                 device_gpuusage, device_powerusage, device_temp, device_memsize_gb, device_powerlimit_w)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (client_id, device_index) DO UPDATE SET
                heartbeat_at = excluded.heartbeat_at, device_name = excluded.device_name,
                device_id = excluded.device_id, vendor_id = excluded.vendor_id,
                device_memusage = excluded.device_memusage, device_gpuusage = excluded.device_gpuusage,
                device_powerusage = excluded.device_powerusage, device_temp = excluded.device_temp,
                device_memsize_gb = excluded.device_memsize_gb, device_powerlimit_w = excluded.device_powerlimit_w,
                updated_at = now()
            WHERE excluded.heartbeat_at > t.heartbeat_at""";

    private RowSql() {}

    /**
     * Returns the rows of heartbeats in all five tables: by statement, the parameters of its rows. All changes of one
     * row of the statistics or the state are folded into one row, as a statement of several rows requires.
     */
    static Map<String, List<Object[]>> rows(List<Delivery<Heartbeat>> deliveries) {
        Map<String, List<Object[]>> rows = new LinkedHashMap<>();
        rows.put(HEARTBEAT, deliveries.stream().map(RowSql::heartbeat).toList());
        rows.put(
                CLIENT_DAY,
                ClientDailyStatistics.aggregator().aggregate(deliveries).values().stream()
                        .map(RowSql::clientDay)
                        .toList());
        rows.put(
                DEVICE_DAY,
                DeviceDailyStatistics.aggregator(NAMES).aggregate(deliveries).values().stream()
                        .map(RowSql::deviceDay)
                        .toList());
        List<NewestHeartbeat> newest =
                List.copyOf(NewestHeartbeat.aggregator().aggregate(deliveries).values());
        rows.put(SYSTEM, newest.stream().map(RowSql::system).toList());
        List<Object[]> devices = new ArrayList<>();
        newest.forEach(state -> state.heartbeat().devices().forEach(device -> devices.add(device(state, device))));
        rows.put(DEVICE, devices);
        return rows;
    }

    private static Object[] heartbeat(Delivery<Heartbeat> delivery) {
        SystemInfo info = delivery.value().systemInfo();
        return new Object[] {
            delivery.value().clientId().toBytes(),
            utc(delivery.time()),
            info.cpuUsage(),
            info.memoryUsage(),
            info.diskUsage(),
            info.networkTx(),
            info.networkRx()
        };
    }

    private static Object[] clientDay(ClientDailyStatistics day) {
        return new Object[] {
            day.clientId().toBytes(),
            day.date(),
            day.totalHeartbeats(),
            day.sumCpuUsage(),
            day.sumMemoryUsage(),
            day.sumDiskUsage(),
            day.networkInBytes(),
            day.networkOutBytes(),
            utc(day.lastHeartbeat())
        };
    }

    private static Object[] deviceDay(DeviceDailyStatistics day) {
        return new Object[] {
            day.clientId().toBytes(),
            day.deviceIndex(),
            day.date(),
            day.deviceName(),
            day.totalHeartbeats(),
            day.sumUtilization(),
            day.sumTemperature(),
            day.sumPowerUsage(),
            day.sumMemoryUsage(),
            utc(day.lastHeartbeat())
        };
    }

    private static Object[] system(NewestHeartbeat newest) {
        Heartbeat heartbeat = newest.heartbeat();
        SystemInfo info = heartbeat.systemInfo();
        return new Object[] {
            newest.clientId().toBytes(),
            utc(newest.time()),
            info.cpuUsage(),
            info.memoryUsage(),
            info.diskUsage(),
            Math.toIntExact(heartbeat.totalTflops()),
            heartbeat.deviceMemTotalGb(),
            Math.toIntExact(heartbeat.deviceCount())
        };
    }

    private static Object[] device(NewestHeartbeat newest, Device device) {
        return new Object[] {
            newest.clientId().toBytes(),
            device.index(),
            utc(newest.time()),
            NAMES.nameOf(device.vendorId(), device.deviceId()),
            device.deviceId(),
            device.vendorId(),
            device.memoryUsage(),
            device.usage(),
            device.powerUsage(),
            device.temperature(),
            device.memorySizeGb(),
            device.powerLimitWatts()
        };
    }

    private static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
