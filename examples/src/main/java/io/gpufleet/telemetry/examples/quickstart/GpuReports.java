package io.gpufleet.telemetry.examples.quickstart;

import io.gpufleet.telemetry.examples.terminal.Column;
import java.util.List;

/** An operator's questions about the GPUs of a fleet, in plain SQL over the rows of readings. */
final class GpuReports {
    private static final Report FLEET = new Report(
            "GPUs by model",
            """
            SELECT coalesce(g.model_name, 'all models'), count(DISTINCT g.hostname), count(*), avg(m.utilization),
                avg(m.temperature), sum(m.power), sum(m.memory)
            FROM gpu AS g JOIN (
                SELECT gpu_no, avg(gpu_utilization) AS utilization, avg(gpu_temp) AS temperature,
                    avg(power_usage) AS power,
                    max(coalesce(fb_total_bytes, fb_used_bytes + fb_free_bytes)) AS memory
                FROM gpu_metrics GROUP BY gpu_no
            ) AS m ON m.gpu_no = g.gpu_no
            GROUP BY ROLLUP (g.model_name) ORDER BY grouping(g.model_name), count(*) DESC, 1""",
            List.of(
                    Column.text("model"),
                    Column.count("hosts"),
                    Column.count("GPUs"),
                    Column.percent("mean use"),
                    Column.celsius("mean temp"),
                    Column.quantity("W", "mean power"),
                    Column.bytes("memory")));

    private static final Report HOTTEST = new Report(
            "Hottest GPUs of the day",
            """
            SELECT left(g.uuid, 12), g.hostname, g.gpu_id, g.model_name, m.hottest, m.mean, m.memory, m.power
            FROM gpu AS g JOIN (
                SELECT gpu_no, max(gpu_temp) AS hottest, avg(gpu_temp) AS mean, max(memory_temp) AS memory,
                    max(power_usage) AS power
                FROM gpu_metrics GROUP BY gpu_no
            ) AS m ON m.gpu_no = g.gpu_no
            ORDER BY m.hottest DESC, m.mean DESC, g.uuid LIMIT 5""",
            List.of(
                    Column.text("GPU"),
                    Column.text("host"),
                    Column.count("slot"),
                    Column.text("model"),
                    Column.celsius("hottest"),
                    Column.celsius("mean"),
                    Column.celsius("memory"),
                    Column.quantity("W", "most power")));

    private static final Report THROTTLING = new Report(
            "Throttling, by the bits of the clock reasons",
            """
            SELECT r.reason, count(DISTINCT m.gpu_no), count(m.gpu_no),
                100.0 * count(m.gpu_no) / (SELECT count(throttle_reasons) FROM gpu_metrics)
            FROM (VALUES (2, 'applications clocks'), (4, 'software power cap'), (8, 'hardware slowdown'),
                    (16, 'sync boost'), (32, 'software thermal'), (64, 'hardware thermal'), (128, 'power brake')
                ) AS r(bit, reason)
                LEFT JOIN gpu_metrics AS m ON m.throttle_reasons & r.bit <> 0
            GROUP BY r.bit, r.reason ORDER BY r.bit""",
            List.of(
                    Column.text("reason"),
                    Column.count("GPUs"),
                    Column.count("readings"),
                    Column.percent("of those with reasons")));

    private static final Report ECC = new Report(
            "ECC errors in the life of a GPU, the most first",
            """
            SELECT left(g.uuid, 12), g.hostname, g.gpu_id, m.single, m.single_of_the_day, m.double, m.double_of_the_day
            FROM gpu AS g JOIN (
                SELECT gpu_no, max(ecc_sbe_aggregate) AS single, max(ecc_dbe_aggregate) AS double,
                    max(ecc_sbe_aggregate) - min(ecc_sbe_aggregate) AS single_of_the_day,
                    max(ecc_dbe_aggregate) - min(ecc_dbe_aggregate) AS double_of_the_day
                FROM gpu_metrics GROUP BY gpu_no
            ) AS m ON m.gpu_no = g.gpu_no
            WHERE m.single + m.double > 0
            ORDER BY m.double DESC, m.single DESC, g.uuid LIMIT 5""",
            List.of(
                    Column.text("GPU"),
                    Column.text("host"),
                    Column.count("slot"),
                    Column.count("single-bit"),
                    Column.count("of the day"),
                    Column.count("double-bit"),
                    Column.count("of the day")));

    /** A last Xid stays until the driver is loaded again: an event is a change to another number than 0. */
    private static final Report XIDS = new Report(
            "Newest Xids",
            """
            SELECT r.time, left(g.uuid, 12), g.hostname, g.gpu_id, r.xid
            FROM gpu AS g JOIN (
                SELECT gpu_no, time, xid_last AS xid,
                    lag(xid_last, 1, 0) OVER (PARTITION BY gpu_no ORDER BY time) AS previous
                FROM gpu_metrics WHERE xid_last IS NOT NULL
            ) AS r ON r.gpu_no = g.gpu_no
            WHERE r.xid <> r.previous AND r.xid <> 0
            ORDER BY r.time DESC, g.uuid LIMIT 5""",
            List.of(
                    Column.time("time"),
                    Column.text("GPU"),
                    Column.text("host"),
                    Column.count("slot"),
                    Column.number("Xid")));

    private static final Report INSTANCES = new Report(
            "MIG instances",
            """
            SELECT left(g.uuid, 12), m.gi, m.profile, count(*), avg(m.gr_engine_active), avg(m.fb_used_bytes),
                max(coalesce(m.fb_total_bytes, m.fb_used_bytes + m.fb_free_bytes))
            FROM gpu_mig_metrics AS m JOIN gpu AS g ON g.gpu_no = m.gpu_no
            GROUP BY g.uuid, m.gi, m.profile ORDER BY g.uuid, m.gi LIMIT 8""",
            List.of(
                    Column.text("GPU"),
                    Column.text("instance"),
                    Column.text("profile"),
                    Column.count("readings"),
                    Column.percent("engine use"),
                    Column.bytes("memory used"),
                    Column.bytes("memory")));

    /** The counter begins again when the driver is loaded: what it then shows has been used since. */
    private static final Report ENERGY = new Report(
            "Energy of the day",
            """
            SELECT coalesce(g.hostname, 'all hosts'), count(DISTINCT g.gpu_no), round(sum(r.used) / 3.6e9)::bigint,
                sum(r.used) / 3600e3 / 24 / count(DISTINCT g.gpu_no)
            FROM gpu AS g JOIN (
                SELECT gpu_no,
                    CASE WHEN energy_mj >= lag(energy_mj) OVER w THEN energy_mj - lag(energy_mj) OVER w
                        WHEN energy_mj < lag(energy_mj) OVER w THEN energy_mj END AS used
                FROM gpu_metrics WHERE energy_mj IS NOT NULL WINDOW w AS (PARTITION BY gpu_no ORDER BY time)
            ) AS r ON r.gpu_no = g.gpu_no
            GROUP BY ROLLUP (g.hostname) ORDER BY grouping(g.hostname), g.hostname""",
            List.of(
                    Column.text("host"),
                    Column.count("GPUs"),
                    Column.quantity("kWh", "used"),
                    Column.quantity("W", "mean of a GPU")));

    private static final Report DEAD_LETTERS = new Report(
            "Dead letters of one host: the refused lines of scrapes, whose other lines are stored",
            """
            SELECT count(*), (array_agg(reason ORDER BY id))[1],
                (array_agg(topic || '-' || partition || ':' || kafka_offset ORDER BY id))[1]
            FROM (
                SELECT l.*, reason, regexp_replace(reason, '"[^"]*"|[0-9]+', '', 'g') AS kind
                FROM dead_letters AS l CROSS JOIN LATERAL unnest(l.reasons) AS r(reason)
                WHERE l.topic = 'gpu-metrics-of-one-host'
            ) AS letters
            GROUP BY kind ORDER BY count(*) DESC, kind""",
            List.of(Column.count("lines"), Column.text("reason of the first"), Column.text("found at")));

    /** All reports, in the order in which they are read. */
    static final List<Report> ALL = List.of(FLEET, HOTTEST, THROTTLING, ECC, XIDS, INSTANCES, ENERGY, DEAD_LETTERS);

    private GpuReports() {}
}
