package io.gpufleet.telemetry.jdbc.query;

import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import io.gpufleet.telemetry.jdbc.gpu.CompactionJob;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;

/**
 * Thirty days of 40 GPUs with five metrics, in long and in wide rows, every 20 minutes: the first fifteen days
 * compacted, the others of rows. Statistics are as the server's own ANALYZE leaves them.
 */
final class MonthOfSamples {
    static final LocalDate FIRST = LocalDate.parse("2026-03-01");
    static final int DAYS = 30;
    static final Instant END = FIRST.plusDays(DAYS).atStartOfDay(ZoneOffset.UTC).toInstant();
    static final String GPU = "GPU-7";
    static final String TEMP = "DCGM_FI_DEV_GPU_TEMP";
    static final String ENERGY = "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION";

    private static final int GPUS = 40;
    private static final int COMPACTED_DAYS = 15;
    private static final List<String> ROWS = List.of("gpu_sample", "gpu_metrics");
    private static final List<String> PIECES =
            List.of("gpu_sample_hour", "gpu_sample_times", "gpu_sample_piece", "gpu_metrics_hour", "gpu_metrics_piece");

    private static final String NUMBERS = """
            INSERT INTO gpu_metric (metric_no, metric_name, kind) VALUES (150, 'DCGM_FI_DEV_GPU_TEMP', 'gauge'),
                (155, 'DCGM_FI_DEV_POWER_USAGE', 'gauge'), (156, 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', 'counter'),
                (230, 'DCGM_FI_DEV_XID_ERRORS', 'gauge'), (1002, 'DCGM_FI_PROF_SM_ACTIVE', 'gauge');
            INSERT INTO gpu (gpu_no, uuid, gpu_id, device, pci_bus_id, model_name, hostname, namespace, first_seen, last_seen)
            SELECT n, 'GPU-' || n, n % 8, 'nvidia' || n % 8, '', 'H100', 'node-' || n / 8, 'team-' || n % 3,
                '2026-03-01+00', '2026-03-30 23:40+00' FROM generate_series(1, 40) AS n;
            INSERT INTO gpu_labels SELECT gpu_no, hostname, namespace, '', '', gpu_id, device, model_name, '', '{}',
                '2026-03-30' FROM gpu""";

    private static final String TIMES = " FROM generate_series(0, %2$s * 72 - 1) AS n, generate_series(1, %3$s) AS g,"
            + " LATERAL (SELECT '%1$s+00'::timestamptz + n * interval '20 minutes' AS ts) AS t";

    private static final String LONG_ROWS = "INSERT INTO gpu_sample SELECT ts, 0, CASE WHEN m = 156 THEN 1e6 * g +"
            + " extract(epoch FROM ts) - 1.7e9 WHEN m = 230 THEN (g + n) %% 7 / 6 ELSE m + (g * 7 + n * 13) %% 29 / 8.0"
            + " END, g, g, m, '', 0, 0" + TIMES + ", unnest(ARRAY[150, 155, 156, 230, 1002]) AS m ORDER BY %4$s";

    private static final String WIDE_ROWS =
            "INSERT INTO gpu_metrics (time, gpu_no, gpu_temp, power_usage, energy_mj, xid_last, fb_used_bytes)"
                    + " SELECT ts, g, 60 + (g + n) %% 20, 300 + n %% 7, 1e6 * g + n, 0, g * 1048576" + TIMES;

    private static final String DAYS_OF_TABLE = """
            DO $$ BEGIN FOR d IN 0..%2$s LOOP EXECUTE format(
                'CREATE TABLE IF NOT EXISTS %1$s_%%s PARTITION OF %1$s FOR VALUES FROM (%%L) TO (%%L)',
                to_char(date '%3$s' + d, 'YYYYMMDD'), date '%3$s' + d || ' 00:00+00', date '%3$s' + d + 1 || ' 00:00+00');
            END LOOP; END $$""";

    /** Each GPU and day has the pieces of the first ones. */
    private static final String COPIES =
            "INSERT INTO %1$s (hour, gpu_no, %2$s) SELECT hour + d * interval '24 hours', g,"
                    + " %2$s FROM %1$s, generate_series(0, %3$s) AS d, generate_series(1, %4$s) AS g WHERE d > 0 OR g > 1";

    private MonthOfSamples() {}

    static Database in(PostgresVersion version) {
        Database database = version.gpuDatabase(GpuLayout.NUMBERED);
        database.execute(NUMBERS);
        ROWS.forEach(table -> createDays(database, table, DAYS));
        database.execute(LONG_ROWS.formatted(FIRST, 1, 1, "ts"));
        database.execute(WIDE_ROWS.formatted(FIRST, 1, 1));
        compact(database);
        PIECES.forEach(table -> copyPieces(database, table));
        LocalDate next = FIRST.plusDays(COMPACTED_DAYS);
        database.execute(LONG_ROWS.formatted(next, DAYS - COMPACTED_DAYS, GPUS, "ts"));
        database.execute(WIDE_ROWS.formatted(next, DAYS - COMPACTED_DAYS, GPUS));
        database.execute("ANALYZE");
        return database;
    }

    /** Returns a database with the long rows of one day, stored in an order of the columns g, m and ts. */
    static Database dayIn(PostgresVersion version, String order) {
        Database database = version.gpuDatabase(GpuLayout.NUMBERED);
        database.execute(NUMBERS);
        createDays(database, "gpu_sample", 1);
        database.execute(LONG_ROWS.formatted(FIRST, 1, GPUS, order));
        database.execute("ANALYZE");
        return database;
    }

    private static void compact(Database database) {
        Clock clock = Clock.fixed(FIRST.plusDays(2).atTime(1, 0).toInstant(ZoneOffset.UTC), ZoneOffset.UTC);
        try (CompactionJob job = CompactionJob.builder(database.dataSource())
                .afterDays(1)
                .clock(clock)
                .build()) {
            job.runOnce();
        }
    }

    private static void copyPieces(Database database, String table) {
        createDays(database, table, COMPACTED_DAYS);
        String others = database.row("SELECT string_agg(attname, ', ') FROM pg_attribute WHERE attrelid = '" + table
                + "'::regclass AND attnum > 0 AND attname NOT IN ('hour', 'gpu_no')");
        database.execute(COPIES.formatted(table, others, COMPACTED_DAYS - 1, GPUS));
        if (table.endsWith("_hour")) {
            database.execute("INSERT INTO %1$s (day) SELECT day + d FROM %1$s, generate_series(1, %2$s) AS d"
                    .formatted(table.replace("_hour", "_compaction"), COMPACTED_DAYS - 1));
        }
    }

    private static void createDays(Database database, String table, int days) {
        database.execute(DAYS_OF_TABLE.formatted(table, days - 1, FIRST));
    }
}
