package io.gpufleet.telemetry.examples.quickstart;

import io.gpufleet.telemetry.examples.terminal.Column;
import java.util.List;

/** An operator's questions about a fleet, in plain SQL over the telemetry tables. */
final class FleetReports {

    /** The devices by model: how many there are now, and their means over all kept days. */
    private static final Report FLEET = new Report(
            "Fleet by GPU model",
            """
            SELECT coalesce(i.device_name, 'all models'), count(DISTINCT i.client_id), count(*),
                sum(i.device_memsize_gb), sum(s.utilization) / sum(s.readings),
                sum(s.memory_usage) / sum(s.readings), sum(s.temperature) / sum(s.readings)
            FROM device_info AS i JOIN (
                SELECT client_id, device_index, sum(total_heartbeats) AS readings, sum(sum_utilization) AS utilization,
                    sum(sum_memory_usage) AS memory_usage, sum(sum_temperature) AS temperature
                FROM device_daily_stats GROUP BY client_id, device_index
            ) AS s ON s.client_id = i.client_id AND s.device_index = i.device_index
            GROUP BY ROLLUP (i.device_name) ORDER BY grouping(i.device_name), count(*) DESC""",
            List.of(
                    Column.text("model"),
                    Column.count("machines"),
                    Column.count("GPUs"),
                    Column.quantity("GB", "memory"),
                    Column.percent("mean use"),
                    Column.percent("memory use"),
                    Column.celsius("mean temp")));

    private static final Report DAYS = new Report(
            "Days (UTC)",
            """
            SELECT date::text, count(*), sum(total_heartbeats),
                sum(sum_cpu_usage)::float8 / sum(total_heartbeats), sum(total_network_in_bytes),
                sum(total_network_out_bytes), max(last_heartbeat)
            FROM client_daily_stats GROUP BY date ORDER BY date""",
            List.of(
                    Column.text("day"),
                    Column.count("machines"),
                    Column.count("heartbeats"),
                    Column.percent("mean CPU"),
                    Column.bytes("received"),
                    Column.bytes("sent"),
                    Column.time("last heartbeat")));

    private static final Report BUSIEST_CLIENTS = new Report(
            "Busiest clients, by the mean use of their GPUs",
            """
            SELECT left(encode(c.client_id, 'hex'), 12), d.devices, d.utilization, c.cpu, c.memory, c.received, c.sent,
                c.last
            FROM (
                SELECT client_id, sum(sum_cpu_usage)::float8 / sum(total_heartbeats) AS cpu,
                    sum(sum_memory_usage)::float8 / sum(total_heartbeats) AS memory,
                    sum(total_network_in_bytes) AS received, sum(total_network_out_bytes) AS sent,
                    max(last_heartbeat) AS last
                FROM client_daily_stats GROUP BY client_id
            ) AS c JOIN (
                SELECT client_id, count(DISTINCT device_index) AS devices,
                    sum(sum_utilization)::float8 / sum(total_heartbeats) AS utilization
                FROM device_daily_stats GROUP BY client_id
            ) AS d ON d.client_id = c.client_id
            ORDER BY d.utilization DESC, c.client_id LIMIT 5""",
            List.of(
                    Column.text("client"),
                    Column.count("GPUs"),
                    Column.percent("GPU use"),
                    Column.percent("CPU"),
                    Column.percent("memory"),
                    Column.bytes("received"),
                    Column.bytes("sent"),
                    Column.time("last heartbeat")));

    private static final Report HOTTEST_DEVICES = new Report(
            "Hottest GPUs, by their newest reading",
            """
            SELECT left(encode(i.client_id, 'hex'), 12), i.device_index, i.device_name, i.device_temp,
                s.avg_temperature, i.device_gpuusage, i.device_memusage, i.device_powerlimit_w
            FROM device_info AS i JOIN device_daily_stats AS s ON s.client_id = i.client_id
                AND s.device_index = i.device_index AND s.date = (i.heartbeat_at AT TIME ZONE 'UTC')::date
            ORDER BY i.device_temp DESC, s.avg_temperature DESC, i.client_id, i.device_index LIMIT 5""",
            List.of(
                    Column.text("client"),
                    Column.count("GPU"),
                    Column.text("model"),
                    Column.quantity("C", "temp"),
                    Column.celsius("day's mean"),
                    Column.quantity("%", "use"),
                    Column.quantity("%", "memory"),
                    Column.quantity("W", "limit")));

    /** The dead letters; reasons that differ only in numbers and ids count as one, and the first is shown. */
    private static final Report DEAD_LETTERS = new Report(
            "Dead letters",
            """
            SELECT count(*), stage,
                regexp_replace((array_agg(reason ORDER BY id))[1], '([0-9a-f]{12})[0-9a-f]{20}', '\\1...'),
                (array_agg(topic || '-' || partition || ':' || kafka_offset ORDER BY id))[1]
            FROM (
                SELECT l.*, reason, regexp_replace(reason, '[0-9a-f]{32}|[0-9]+', '', 'g') AS kind
                FROM dead_letters AS l CROSS JOIN LATERAL unnest(l.reasons) AS r(reason)
            ) AS letters
            GROUP BY stage, kind ORDER BY stage, count(*) DESC, kind""",
            List.of(
                    Column.count("count"),
                    Column.text("stage"),
                    Column.text("reason of the first"),
                    Column.text("found at")));

    /** All reports, in the order in which they are read. */
    static final List<Report> ALL = List.of(FLEET, DAYS, BUSIEST_CLIENTS, HOTTEST_DEVICES, DEAD_LETTERS);

    private FleetReports() {}
}
