package io.gpufleet.telemetry.integration.faults;

import java.util.Map;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;

/** The tables to compare, each read as keys and rows of text. */
enum StoredTables {
    /** Every accepted record, as often as it was applied. */
    AUDIT("audit", place(), "count(*)", "GROUP BY topic_id, partition, kafka_offset"),
    DEAD_LETTERS(
            "dead_letters",
            place(),
            "concat_ws(' ', coalesce(md5(key), '-'), md5(value), " + millis("record_timestamp") + ")",
            ""),
    HEARTBEAT(
            "heartbeat",
            "concat_ws(' ', " + client() + ", " + millis("\"timestamp\"") + ")",
            "concat_ws(' ', cpu_usage, mem_usage, disk_usage, network_up, network_down)",
            ""),
    CLIENT_DAILY_STATS(
            "client_daily_stats",
            "concat_ws(' ', " + client() + ", date)",
            "concat_ws(' ', total_heartbeats, sum_cpu_usage, sum_memory_usage, sum_disk_usage, total_network_in_bytes,"
                    + " total_network_out_bytes, " + millis("last_heartbeat") + ", " + mean("avg_cpu_usage") + ", "
                    + mean("avg_memory_usage") + ", " + mean("avg_disk_usage") + ")",
            ""),
    DEVICE_DAILY_STATS(
            "device_daily_stats",
            "concat_ws(' ', " + client() + ", device_index, date)",
            "concat_ws(' ', total_heartbeats, sum_utilization, sum_temperature, sum_power_usage, sum_memory_usage, "
                    + millis("last_heartbeat") + ", " + mean("avg_utilization") + ", " + mean("avg_temperature") + ", "
                    + mean("avg_power_usage") + ", " + mean("avg_memory_usage") + ")",
            ""),
    SYSTEM_INFO(
            "system_info",
            client(),
            "concat_ws(' ', cpu_usage, mem_usage, disk_usage, total_tflops, " + millis("heartbeat_at")
                    + ", device_memsize, device_count, coalesce(" + millis("devices_at") + "::text, '-'))",
            ""),
    DEVICE_INFO(
            "device_info",
            "concat_ws(' ', " + client() + ", device_index)",
            "concat_ws(' ', device_id, vendor_id, device_memusage, device_gpuusage, device_powerusage, device_temp, "
                    + millis("heartbeat_at") + ", device_memsize_gb, device_powerlimit_w)",
            "");

    /** The number of compared decimals of a mean. */
    static final int DECIMALS = 6;

    private final String table;
    private final String sql;

    StoredTables(String table, String key, String row, String end) {
        this.table = table;
        this.sql = "SELECT " + key + " AS k, (" + row + ")::text AS r FROM " + table + " " + end;
    }

    private static String place() {
        return "concat_ws(' ', topic_id, partition, kafka_offset)";
    }

    private static String client() {
        return "encode(client_id, 'hex')";
    }

    private static String millis(String column) {
        return "(extract(epoch FROM " + column + ") * 1000)::bigint";
    }

    private static String mean(String column) {
        return "round(" + column + "::numeric, " + DECIMALS + ")";
    }

    Map<String, String> read(DataSource database) {
        return Jdbi.create(database)
                .withHandle(handle -> handle.createQuery(sql).reduceRows(new TreeMap<>(), (rows, row) -> {
                    rows.put(row.getColumn("k", String.class), row.getColumn("r", String.class));
                    return rows;
                }));
    }

    @Override
    public String toString() {
        return table;
    }
}
