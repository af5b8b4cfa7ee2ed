package io.gpufleet.telemetry.benchmarks.gpu;

import io.gpufleet.telemetry.benchmarks.report.Extent;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.gpu.CompactionJob;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import javax.sql.DataSource;

/**
 * The stored samples that questions are measured with: a week of a fleet in long rows, five days of it compacted, a
 * month of some of its GPUs, and a day of a larger fleet in wide rows. The rows are made in the server, in the order of
 * their times. A step that was done once is not repeated. Belongs to one thread.
 *
 * @param gpus the number of GPUs with long rows
 * @param wideGpus the number of GPUs with wide rows, those with long rows among them
 * @param everySeconds the distance of the scrapes, a part of an hour
 * @param historyGpus the number of GPUs with samples of 30 days
 */
record QueriedFleet(int gpus, int wideGpus, int everySeconds, int historyGpus) {
    static final LocalDate FIRST = LocalDate.parse("2026-03-01");
    static final int GPUS_OF_A_HOST = 8;

    private static final int COMPACTED_DAYS = 5;
    private static final int DAYS = 7;
    private static final int HOURS = 24;
    private static final String LAST = "vacuum";
    private static final int HISTORY_DAYS = 30;
    private static final List<String> PIECES = List.of("gpu_sample_hour", "gpu_sample_times", "gpu_sample_piece");

    /** A metric rises each minute, or swings in half an hour; the noise of a scrape is added, to so many decimals. */
    private static final String METRIC_VALUES = """
            CREATE TABLE IF NOT EXISTS fleet_metric AS SELECT * FROM (VALUES
            (100, 'DCGM_FI_DEV_SM_CLOCK', 'MHz', 1400, 400, 60, 1, 0),
            (101, 'DCGM_FI_DEV_MEM_CLOCK', 'MHz', 2619, 0, 0, 1, 0),
            (140, 'DCGM_FI_DEV_MEMORY_TEMP', 'C', 70, 12, 4, 1, 0),
            (150, 'DCGM_FI_DEV_GPU_TEMP', 'C', 60, 15, 4, 1, 0),
            (155, 'DCGM_FI_DEV_POWER_USAGE', 'W', 420, 200, 40, 1000, 0),
            (156, 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', 'mJ', 1e9, 0, 9e6, 1, 2.5e7),
            (202, 'DCGM_FI_DEV_PCIE_REPLAY_COUNTER', 'count', 0, 0, 0, 1, 0),
            (203, 'DCGM_FI_DEV_GPU_UTIL', '%', 55, 35, 9, 1, 0),
            (204, 'DCGM_FI_DEV_MEM_COPY_UTIL', '%', 35, 20, 9, 1, 0),
            (206, 'DCGM_FI_DEV_ENC_UTIL', '%', 0, 0, 0, 1, 0),
            (207, 'DCGM_FI_DEV_DEC_UTIL', '%', 0, 0, 0, 1, 0),
            (230, 'DCGM_FI_DEV_XID_ERRORS', '', 0, 0, 0, 1, 0),
            (251, 'DCGM_FI_DEV_FB_FREE', 'MiB', 30000, 9000, 500, 1, 0),
            (252, 'DCGM_FI_DEV_FB_USED', 'MiB', 50000, 9000, 500, 1, 0),
            (310, 'DCGM_FI_DEV_ECC_SBE_VOL_TOTAL', 'count', 3, 0, 0, 1, 0),
            (311, 'DCGM_FI_DEV_ECC_DBE_VOL_TOTAL', 'count', 0, 0, 0, 1, 0),
            (1001, 'DCGM_FI_PROF_GR_ENGINE_ACTIVE', 'ratio', 0.5, 0.3, 0.1, 1e6, 0),
            (1002, 'DCGM_FI_PROF_SM_ACTIVE', 'ratio', 0.5, 0.3, 0.1, 1e6, 0),
            (1003, 'DCGM_FI_PROF_SM_OCCUPANCY', 'ratio', 0.4, 0.2, 0.1, 1e6, 0),
            (1004, 'DCGM_FI_PROF_PIPE_TENSOR_ACTIVE', 'ratio', 0.3, 0.2, 0.1, 1e6, 0),
            (1005, 'DCGM_FI_PROF_DRAM_ACTIVE', 'ratio', 0.4, 0.2, 0.1, 1e6, 0),
            (1009, 'DCGM_FI_PROF_PCIE_TX_BYTES', 'B/s', 3e8, 2e8, 5e7, 1, 0),
            (1010, 'DCGM_FI_PROF_PCIE_RX_BYTES', 'B/s', 3e8, 2e8, 5e7, 1, 0),
            (1011, 'DCGM_FI_PROF_NVLINK_TX_BYTES', 'B/s', 2e10, 1e10, 4e9, 1, 0),
            (1012, 'DCGM_FI_PROF_NVLINK_RX_BYTES', 'B/s', 2e10, 1e10, 4e9, 1, 0))
            AS m(no, name, unit, base, swing, noise, scale, rise)""";

    private static final String NUMBERS = """
            INSERT INTO gpu_metric (metric_no, metric_name, kind, unit)
            SELECT no, name, CASE WHEN rise > 0 OR unit = 'count' THEN 'counter' ELSE 'gauge' END, unit FROM fleet_metric
            ON CONFLICT DO NOTHING;
            INSERT INTO gpu (gpu_no, uuid, gpu_id, device, pci_bus_id, model_name, hostname, namespace, first_seen, last_seen)
            SELECT n, 'GPU-' || lpad(n::text, 8, '0') || '-0000-4000-8000-000000000000', (n - 1) %% 8,
                'nvidia' || (n - 1) %% 8, '00000000:1B:00.' || (n - 1) %% 8, 'NVIDIA H100 80GB HBM3',
                'node-' || lpad(((n - 1) / 8)::text, 4, '0'), 'team-' || n / 8 %% 10, '%1$s+00', '%2$s+00'
            FROM generate_series(1, %3$s) AS n ON CONFLICT DO NOTHING;
            ALTER TABLE gpu ALTER gpu_no RESTART WITH 100001;
            INSERT INTO gpu_labels SELECT gpu_no, hostname, namespace, 'pod-' || gpu_no, 'main', gpu_id, device, model_name,
                pci_bus_id, '{"job": "train"}', '%2$s' FROM gpu ON CONFLICT DO NOTHING;
            ANALYZE gpu; ANALYZE gpu_metric; ANALYZE gpu_labels""";

    private static final String AT = "'%1$s+00'::timestamptz + n * interval '%2$s seconds'";

    private static final String LONG_ROWS = "INSERT INTO gpu_sample_%3$s SELECT " + AT + ", 0,"
            + " CASE WHEN m.rise > 0 THEN m.base + g * 1e7 + m.rise * (n * %2$s / 60 + %6$s) + floor(m.noise * random())"
            + " ELSE round(((m.base + m.swing * sin((n * %2$s / 60 + g * 37 + m.no) / 97.0) + m.noise * random())"
            + " * m.scale)::double precision) / m.scale END,"
            + " g, g, m.no, '', 0, 0 FROM generate_series(1, %4$s) AS g CROSS JOIN fleet_metric AS m ORDER BY g, m.no";

    private static final String WIDE_ROWS = "INSERT INTO gpu_metrics_%3$s (time, gpu_no, power_usage, fb_used_bytes,"
            + " fb_free_bytes, fb_total_bytes, memory_utilization, ecc_sbe_volatile, ecc_dbe_volatile, sm_active,"
            + " sm_occupancy, tensor_active, dram_active, pcie_tx_bytes_per_sec, pcie_rx_bytes_per_sec,"
            + " nvlink_tx_bytes_per_sec, nvlink_rx_bytes_per_sec, energy_mj, power_limit, gpu_temp, memory_temp,"
            + " throttle_reasons, gpu_utilization, mem_copy_utilization, sm_clock_mhz, mem_clock_mhz, xid_last)"
            + " SELECT " + AT
            + ", g, round(420000 + 200000 * s + 40000 * r) / 1000, (50000 + floor(9000 * s)) * 1048576,"
            + " (30000 - floor(9000 * s)) * 1048576, 85899345920, 60 + round(10 * s), 3, 0, 50 + 30 * s + 5 * r,"
            + " 40 + 20 * s + 5 * r, 30 + 20 * s + 5 * r, 40 + 20 * s + 5 * r, floor(3e8 + 2e8 * s + 5e7 * r),"
            + " floor(3e8 + 2e8 * s + 5e7 * r), floor(2e10 + 1e10 * s + 4e9 * r), floor(2e10 + 1e10 * s + 4e9 * r),"
            + " (1e9 + g * 1e7 + 2.5e7 * n * %2$s / 60 + floor(9e6 * r))::bigint, 700, 60 + floor(15 * s + 4 * r),"
            + " 70 + floor(12 * s + 4 * r), 0, 55 + floor(35 * s + 9 * r), 35 + floor(20 * s + 9 * r),"
            + " 1400 + floor(400 * s + 60 * r), 2619, 0"
            + " FROM (SELECT g, sin((n * %2$s / 60 + g * 37) / 97.0) AS s, random() AS r"
            + " FROM generate_series(1, %5$s) AS g) AS g";

    private static final String DAY = "CREATE TABLE %1$s_%2$s (LIKE %1$s INCLUDING DEFAULTS INCLUDING CONSTRAINTS"
            + " INCLUDING STORAGE INCLUDING INDEXES)";
    private static final String ATTACH =
            "ALTER TABLE %1$s ATTACH PARTITION %1$s_%2$s FOR VALUES FROM ('%3$s+00') TO ('%4$s+00')";

    static QueriedFleet of(Extent extent) {
        return extent.choose(
                new QueriedFleet(16, 32, 600, 2),
                new QueriedFleet(100, 1_000, 60, 10),
                new QueriedFleet(1_000, 10_000, 60, 40));
    }

    /** The first day without a sample, which is today for the questions. */
    static LocalDate today() {
        return FIRST.plusDays(DAYS);
    }

    static String uuid(int gpu) {
        return String.format(Locale.ROOT, "GPU-%08d-0000-4000-8000-000000000000", gpu);
    }

    static String host(int gpu) {
        return String.format(Locale.ROOT, "node-%04d", (gpu - 1) / GPUS_OF_A_HOST);
    }

    /** Fills the first hours of the first day with long rows only. */
    void loadHours(DataSource source, int hours) throws Exception {
        prepare(source);
        fill(source, FIRST, "gpu_sample", LONG_ROWS, hours);
    }

    private void prepare(DataSource source) throws Exception {
        TelemetrySchema.builder(source).gpuSamples().build().install();
        execute(source, METRIC_VALUES);
        execute(source, "CREATE TABLE IF NOT EXISTS fleet_step (name text PRIMARY KEY)");
        step(source, "numbers", connection -> execute(connection, NUMBERS.formatted(FIRST, today(), wideGpus)));
    }

    /** Installs the tables, and fills them; of a database that was filled, today's rows are dropped. */
    void load(DataSource source) throws Exception {
        if (isLoaded(source)) {
            execute(source, "DROP TABLE IF EXISTS gpu_sample_%1$s, gpu_metrics_%1$s".formatted(suffix(today())));
            return;
        }
        prepare(source);
        fill(source, FIRST, "gpu_sample", LONG_ROWS, HOURS);
        step(source, "compaction", connection -> compact(source));
        for (int day = 1; day < COMPACTED_DAYS; day++) {
            copyPieces(source, FIRST.plusDays(day), gpus);
        }
        for (int day = DAYS - HISTORY_DAYS; day < 0; day++) {
            copyPieces(source, FIRST.plusDays(day), historyGpus);
        }
        for (int day = COMPACTED_DAYS; day < DAYS; day++) {
            fill(source, FIRST.plusDays(day), "gpu_sample", LONG_ROWS, HOURS);
        }
        fill(source, today().minusDays(1), "gpu_metrics", WIDE_ROWS, HOURS);
        step(source, LAST, connection -> {
            connection.commit();
            connection.setAutoCommit(true);
            execute(connection, "VACUUM ANALYZE");
            execute(connection, "CHECKPOINT");
            connection.setAutoCommit(false);
        });
    }

    /** Fills a day scrape by scrape, as a consumer does. */
    private void fill(DataSource source, LocalDate day, String table, String rows, int hours) throws Exception {
        step(source, table + " " + day, connection -> {
            String insert = rows.formatted(
                    day, everySeconds, suffix(day), gpus, wideGpus, ChronoUnit.DAYS.between(FIRST, day) * HOURS * 60);
            execute(connection, DAY.formatted(table, suffix(day)));
            execute(
                    connection,
                    "DO $$ BEGIN FOR n IN 0.." + (hours * 3600 / everySeconds - 1) + " LOOP " + insert
                            + "; END LOOP; END $$");
            execute(connection, ATTACH.formatted(table, suffix(day), day, day.plusDays(1)));
        });
    }

    private static void compact(DataSource source) throws SQLException {
        Clock clock = Clock.fixed(FIRST.plusDays(2).atTime(1, 0).toInstant(ZoneOffset.UTC), ZoneOffset.UTC);
        try (CompactionJob job =
                CompactionJob.builder(source).afterDays(1).clock(clock).build()) {
            System.err.println(job.runOnce());
        }
    }

    /** Copies the pieces of the first day to another one. */
    private static void copyPieces(DataSource source, LocalDate day, int gpus) throws Exception {
        long shift = ChronoUnit.DAYS.between(FIRST, day);
        step(source, "pieces " + day, connection -> {
            execute(connection, DAY.formatted("gpu_sample", suffix(day)));
            execute(connection, ATTACH.formatted("gpu_sample", suffix(day), day, day.plusDays(1)));
            for (String table : PIECES) {
                String others = columns(connection, table);
                execute(connection, DAY.formatted(table, suffix(day)));
                execute(
                        connection,
                        "INSERT INTO %1$s_%2$s (hour, %3$s) SELECT hour + interval '24 hours' * %4$s, %3$s FROM %1$s_%5$s WHERE gpu_no <= %6$s"
                                .formatted(table, suffix(day), others, shift, suffix(FIRST), gpus));
                execute(connection, ATTACH.formatted(table, suffix(day), day, day.plusDays(1)));
            }
            execute(
                    connection,
                    "INSERT INTO gpu_sample_compaction SELECT day + %s, started_at, compacted_at, samples, bytes_before, bytes_after FROM gpu_sample_compaction WHERE day = '%s'"
                            .formatted(shift, FIRST));
        });
    }

    /** Returns the columns of a table but the hour. */
    private static String columns(Connection connection, String table) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT string_agg(attname, ', ' ORDER BY attnum) FROM pg_attribute"
                                + " WHERE attrelid = '" + table + "'::regclass AND attnum > 0 AND attname <> 'hour'")) {
            row.next();
            return row.getString(1);
        }
    }

    private static String suffix(LocalDate day) {
        return day.toString().replace("-", "");
    }

    /** A part of the load, in a transaction that also says that it is done. */
    @FunctionalInterface
    private interface Step {
        void run(Connection connection) throws SQLException;
    }

    private static void step(DataSource source, String name, Step step) throws SQLException {
        long start = System.nanoTime();
        try (Connection connection = source.getConnection()) {
            connection.setAutoCommit(false);
            if (isDone(connection, name)) {
                return;
            }
            connection.commit();
            execute(connection, "SET LOCAL synchronous_commit = off");
            step.run(connection);
            execute(connection, "INSERT INTO fleet_step VALUES ('" + name + "')");
            connection.commit();
            connection.setAutoCommit(true);
        }
        System.err.println(name + ": " + (System.nanoTime() - start) / 1_000_000 + " ms");
    }

    private static boolean isLoaded(DataSource source) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT to_regclass('fleet_step')::text")) {
            row.next();
            return row.getString(1) != null && isDone(connection, LAST);
        }
    }

    private static boolean isDone(Connection connection, String name) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT 1 FROM fleet_step WHERE name = '" + name + "'")) {
            return row.next();
        }
    }

    private static void execute(DataSource source, String sql) throws SQLException {
        try (Connection connection = source.getConnection()) {
            execute(connection, sql);
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
