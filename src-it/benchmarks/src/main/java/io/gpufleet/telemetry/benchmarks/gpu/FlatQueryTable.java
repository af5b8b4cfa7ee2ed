package io.gpufleet.telemetry.benchmarks.gpu;

import io.gpufleet.telemetry.benchmarks.pipeline.Database;
import io.gpufleet.telemetry.benchmarks.pipeline.Servers;
import io.gpufleet.telemetry.benchmarks.pipeline.TableProgram;
import io.gpufleet.telemetry.benchmarks.report.Extent;
import io.gpufleet.telemetry.benchmarks.report.Table;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.query.GpuFilter;
import io.gpufleet.telemetry.jdbc.query.GpuQueries;
import io.gpufleet.telemetry.jdbc.query.LatestQuery;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Collection;
import java.util.function.Supplier;

/**
 * The program that compares questions with those of an older service on the same samples: a flat table with the texts
 * in each row, a number of its own and three indexes more.
 */
public final class FlatQueryTable {
    private static final double WANTED = 10;
    private static final int GPU = 7;
    private static final String METRIC = "DCGM_FI_DEV_GPU_TEMP";

    private static final String FLAT = """
            CREATE TABLE flat_telemetry (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, ts timestamptz NOT NULL,
                metric_name text NOT NULL, gpu_id integer, device text, uuid text, model_name text, hostname text,
                container text, pod text, namespace text, metric_value double precision, labels_raw jsonb,
                created_at timestamptz NOT NULL DEFAULT now());
            CREATE INDEX ON flat_telemetry (ts DESC);
            CREATE INDEX ON flat_telemetry (uuid, metric_name, ts DESC);
            CREATE INDEX ON flat_telemetry (hostname, gpu_id, ts DESC);
            INSERT INTO flat_telemetry (ts, metric_name, gpu_id, device, uuid, model_name, hostname, container, pod,
                namespace, metric_value, labels_raw)
            SELECT ts, metric_name, gpu_id, device, uuid, model_name, hostname, container, pod, namespace, metric_value,
                labels_raw FROM gpu_telemetry ORDER BY ts""";

    private static final String FLAT_LIST = "SELECT DISTINCT gpu_id, uuid, device, hostname, model_name,"
            + " count(*) OVER () AS total FROM flat_telemetry ORDER BY hostname, gpu_id LIMIT 100";

    private static final String FLAT_LATEST = "SELECT DISTINCT ON (metric_name) * FROM flat_telemetry WHERE uuid = '"
            + QueriedFleet.uuid(GPU) + "' ORDER BY metric_name, ts DESC";

    private static final String FLAT_LATEST_OF_ALL = "SELECT DISTINCT ON (uuid) * FROM flat_telemetry WHERE"
            + " metric_name = '" + METRIC + "' ORDER BY uuid, ts DESC";

    private final Database database;
    private final int rounds;
    private final Table table = new Table("question", "flat table ms", "ours ms", "times", "wanted", "");

    private FlatQueryTable(Database database, int rounds) {
        this.database = database;
        this.rounds = rounds;
    }

    /**
     * Runs the program.
     *
     * @param arguments the extent
     */
    public static void main(String[] arguments) throws Exception {
        TableProgram.run("Questions beside those of a flat table", FlatQueryTable::measure, arguments);
    }

    static Table measure(Servers servers, Extent extent) throws Exception {
        QueriedFleet fleet = extent.choose(
                new QueriedFleet(16, 16, 600, 0),
                new QueriedFleet(100, 100, 60, 0),
                new QueriedFleet(1_000, 1_000, 60, 0));
        try (Database database = Database.installed(servers, 2, "", TelemetrySchema.Builder::gpuSamples)) {
            fleet.loadHours(database.pool(), 2);
            database.execute(FLAT);
            database.execute("VACUUM ANALYZE");
            FlatQueryTable compared = new FlatQueryTable(database, extent.choose(1, 5, 15));
            compared.compare(QueriedFleet.FIRST.atTime(2, 0).toInstant(ZoneOffset.UTC));
            return compared.table;
        }
    }

    private void compare(Instant now) throws SQLException {
        GpuQueries queries = GpuQueries.builder(database.pool())
                .clock(Clock.fixed(now, ZoneOffset.UTC))
                .build();
        add("list of GPUs", FLAT_LIST, () -> queries.gpus(GpuFilter.all()).rows());
        add(
                "latest of a GPU",
                FLAT_LATEST,
                () -> queries.latest(LatestQuery.ofGpu(QueriedFleet.uuid(GPU)).build()));
        add(
                "latest of a metric of all GPUs",
                FLAT_LATEST_OF_ALL,
                () -> queries.latest(LatestQuery.ofAllGpus(METRIC)
                        .maxAge(Duration.ofHours(2))
                        .build()));
    }

    private void add(String question, String flat, Supplier<Collection<?>> ours) throws SQLException {
        double[] flatMillis = new double[rounds];
        double[] ourMillis = new double[rounds];
        for (int round = -1; round < rounds; round++) {
            long start = System.nanoTime();
            int found = rows(flat);
            long middle = System.nanoTime();
            int foundByUs = ours.get().size();
            long end = System.nanoTime();
            if (found != foundByUs) {
                throw new IllegalStateException(question + ": " + found + " rows, but " + foundByUs + " of ours");
            }
            if (round >= 0) {
                flatMillis[round] = (middle - start) / 1e6;
                ourMillis[round] = (end - middle) / 1e6;
            }
        }
        double times = median(flatMillis) / median(ourMillis);
        table.add(
                question,
                Table.number(median(flatMillis), 2),
                Table.number(median(ourMillis), 2),
                Table.number(times, 1),
                ">= " + Table.number(WANTED, 0),
                times >= WANTED ? "met" : "missed");
    }

    private static double median(double[] millis) {
        double[] sorted = millis.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private int rows(String sql) throws SQLException {
        try (Connection connection = database.pool().getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            int rows = 0;
            while (result.next()) {
                rows++;
            }
            return rows;
        }
    }
}
