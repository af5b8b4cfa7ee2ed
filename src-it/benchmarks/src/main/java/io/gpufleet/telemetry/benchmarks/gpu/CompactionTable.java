package io.gpufleet.telemetry.benchmarks.gpu;

import io.gpufleet.telemetry.benchmarks.pipeline.Database;
import io.gpufleet.telemetry.benchmarks.pipeline.Figures;
import io.gpufleet.telemetry.benchmarks.pipeline.Measurement;
import io.gpufleet.telemetry.benchmarks.pipeline.Servers;
import io.gpufleet.telemetry.benchmarks.pipeline.TableProgram;
import io.gpufleet.telemetry.benchmarks.report.Extent;
import io.gpufleet.telemetry.benchmarks.report.Table;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.gpu.CompactionJob;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The program that measures the compaction of days of samples: bytes, speed, and reads before and after. */
public final class CompactionTable {
    private static final int READS = 15;
    private static final double MEBIBYTE = 1 << 20;

    private static final String BYTES = "SELECT sum(pg_total_relation_size(inhrelid))::bigint FROM pg_inherits WHERE"
            + " inhparent::regclass::text IN (%s)";
    private static final String ROWS = "'gpu_sample'";
    private static final String ALL = "'gpu_sample', 'gpu_sample_hour', 'gpu_sample_times', 'gpu_sample_piece'";
    private static final String WAL = "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint";

    /** Arrays of float8 for each hour, and the times of each GPU once. */
    private static final String SHARED_TIMES = "CREATE TABLE control_values AS SELECT gpu_no, metric_no,"
            + " date_trunc('hour', ts) AS hour, series_key, labels_id, instance, scope, quality,"
            + " array_agg(metric_value ORDER BY ts) AS v FROM gpu_sample GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;"
            + " ALTER TABLE control_values ADD PRIMARY KEY (gpu_no, metric_no, hour, series_key);"
            + " CREATE TABLE control_times AS SELECT gpu_no, date_trunc('hour', ts) AS hour,"
            + " array_agg(DISTINCT ts) AS t FROM gpu_sample GROUP BY 1, 2;"
            + " ALTER TABLE control_times ADD PRIMARY KEY (gpu_no, hour)";

    /** The same with the times in each row. */
    private static final String OWN_TIMES = "CREATE TABLE control_rows AS SELECT gpu_no, metric_no,"
            + " date_trunc('hour', ts) AS hour, series_key, labels_id, instance, scope, quality,"
            + " array_agg(metric_value ORDER BY ts) AS v, array_agg(ts ORDER BY ts) AS t FROM gpu_sample"
            + " GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;"
            + " ALTER TABLE control_rows ADD PRIMARY KEY (gpu_no, metric_no, hour, series_key)";

    private static final String BY_METRIC = "SELECT m.metric_no, sum(p.samples)::bigint,"
            + " sum(pg_column_size(p.*))::bigint FROM gpu_sample_piece AS p JOIN gpu_metric AS m USING (metric_no)"
            + " WHERE m.metric_no = %d GROUP BY 1";

    private static final String SUM = "SELECT count(*), sum(metric_value) FROM ";

    private final Servers servers;
    private final Extent extent;
    private final Choice choice;

    private CompactionTable(Servers servers, Extent extent, Choice choice) {
        this.servers = servers;
        this.extent = extent;
        this.choice = choice;
    }

    /**
     * Runs the program.
     *
     * @param arguments the extent, {@code gpus=8}, {@code days=1}, {@code only=} the name of a case, and
     *     {@code controls=no} to leave out the arrays of double precision; all may be missing. A GPU and day has
     *     216,000 samples at 10 seconds
     */
    public static void main(String[] arguments) throws Exception {
        Choice choice = Choice.of(arguments);
        TableProgram.run(
                "Compacted samples, 25 metrics, " + choice.gpus() + " GPUs, " + choice.days() + " days",
                (servers, extent) -> new CompactionTable(servers, extent, choice).measure(),
                Arrays.stream(arguments)
                        .filter(argument -> !argument.contains("="))
                        .toArray(String[]::new));
    }

    static Table measure(Servers servers, Extent extent) throws Exception {
        return new CompactionTable(servers, extent, new Choice(1, 1, "", true)).measure();
    }

    /** What is measured: an empty name stands for all cases. */
    private record Choice(int gpus, int days, String only, boolean withControls) {
        static Choice of(String... arguments) {
            return new Choice(
                    Integer.parseInt(
                            SampleProgram.option("gpus", Integer.toString(FleetDays.GPUS_OF_A_HOST), arguments)),
                    Integer.parseInt(SampleProgram.option("days", "1", arguments)),
                    SampleProgram.option("only", "", arguments),
                    !SampleProgram.option("controls", "yes", arguments).equals("no"));
        }
    }

    private Table measure() throws Exception {
        Table table = new Table(
                "samples",
                "number",
                "rows B",
                "compacted B",
                "wanted",
                "arrays, shared times B",
                "arrays, own times B",
                "samples/s",
                "client CPU s/M",
                "server CPU s/M",
                "WAL MB/M");
        for (Map.Entry<String, FleetDays> stored : cases().entrySet()) {
            if (choice.only().isEmpty() || choice.only().equals(stored.getKey())) {
                measure(table, stored.getKey(), stored.getValue());
            }
        }
        return table;
    }

    private Map<String, FleetDays> cases() {
        int every = extent.choose(600, 10, 10);
        Map<String, FleetDays> cases = new LinkedHashMap<>();
        for (int seconds : List.of(every, 3 * every)) {
            String name = "every " + seconds + " s";
            cases.put(name, new FleetDays(choice.gpus(), choice.days(), seconds, FleetDays.Times.REGULAR, false));
            cases.put(
                    name + ", jittered",
                    new FleetDays(choice.gpus(), choice.days(), seconds, FleetDays.Times.JITTERED, false));
            cases.put(
                    name + ", metrics apart",
                    new FleetDays(choice.gpus(), choice.days(), seconds, FleetDays.Times.APART, false));
            cases.put(
                    name + ", constant",
                    new FleetDays(choice.gpus(), choice.days(), seconds, FleetDays.Times.REGULAR, true));
        }
        return cases;
    }

    private void measure(Table table, String name, FleetDays stored) throws Exception {
        try (Database database = Database.installed(servers, 2, "", TelemetrySchema.Builder::gpuSamples)) {
            stored.copyInto(database);
            long samples = number(database, "SELECT count(*) FROM gpu_sample");
            long rowBytes = number(database, BYTES.formatted(ROWS));
            if (choice.withControls()) {
                database.execute(SHARED_TIMES);
                database.execute(OWN_TIMES);
            }
            List<Double> before = reads(database);
            servers.execute("CHECKPOINT");
            long wal = number(database, WAL);
            Figures figures = compact(database, samples);
            double walBytes = number(database, WAL) - wal;
            long bytes = number(database, BYTES.formatted(ALL));
            table.add(
                    name,
                    Table.number((double) samples, 0),
                    each(rowBytes, samples, 1),
                    each(bytes, samples, 2),
                    wanted(stored),
                    choice.withControls()
                            ? each(size(database, "control_values") + size(database, "control_times"), samples, 2)
                            : "",
                    choice.withControls() ? each(size(database, "control_rows"), samples, 2) : "",
                    Table.number(figures.recordsPerSecond(), 0),
                    Table.number(figures.clientCpuSecondsPerMillion(), 2),
                    Table.number(figures.serverCpuSecondsPerMillion(), 2),
                    Table.number(walBytes / MEBIBYTE / samples * 1e6, 0));
            System.err.println(name + ": " + Table.number(figures.recordsPerSecond(), 0) + " samples/s");
            if (stored.times() == FleetDays.Times.REGULAR && !stored.isConstant()) {
                tellReads(name, before, reads(database));
                tellMetrics(database);
            }
        }
    }

    private static String wanted(FleetDays stored) {
        if (stored.isConstant()) {
            return stored.everySeconds() == 10 ? "<= 0.5" : "";
        }
        return stored.everySeconds() == 10 ? "<= 3" : "<= 3.5";
    }

    private Figures compact(Database database, long samples) throws InterruptedException {
        Measurement measurement = Measurement.of(servers, samples);
        measurement.begin();
        CompactionJob.Result result =
                CompactionJob.builder(database.pool()).build().runOnce();
        if (result.samples() != samples
                || result.days().stream().anyMatch(day -> day.waiting().isPresent())) {
            throw new IllegalStateException(samples + " samples are not compacted: " + result);
        }
        measurement.done(samples);
        return measurement.await();
    }

    private static long number(Database database, String sql) throws SQLException {
        return database.numbers(sql).get(0);
    }

    private static long size(Database database, String table) throws SQLException {
        return number(database, "SELECT pg_total_relation_size('" + table + "')");
    }

    private static String each(long bytes, long samples, int decimals) {
        return Table.number((double) bytes / samples, decimals);
    }

    private Map<String, String> queries() {
        LocalDate end = FleetDays.FIRST.plusDays(choice.days());
        Map<String, String> queries = new LinkedHashMap<>();
        queries.put(
                "latest",
                "SELECT count(*) FROM (SELECT * FROM " + between(end, Duration.ofHours(1))
                        + " ORDER BY ts DESC LIMIT 1) AS s");
        queries.put("an hour", SUM + between(end, Duration.ofHours(1)));
        queries.put("a day", SUM + between(end, Duration.ofDays(1)));
        queries.put("30 days", SUM + between(end, Duration.ofDays(30)));
        queries.put(
                "an hour of the fleet",
                "SELECT count(*), sum(metric_value) FROM gpu_telemetry WHERE metric_name = (SELECT metric_name FROM"
                        + " gpu_metric WHERE metric_no = 3) AND ts >= '" + FleetDays.FIRST
                        + " 12:00+00' AND ts < '" + FleetDays.FIRST + " 13:00+00' AND hour = '" + FleetDays.FIRST
                        + " 12:00+00'");
        return queries;
    }

    private static String between(LocalDate end, Duration before) {
        Instant to = end.atStartOfDay().toInstant(ZoneOffset.UTC);
        return "gpu_samples_between(1, 3, '" + to.minus(before) + "', '" + to + "') AS b";
    }

    /** Returns the median of each query in milliseconds. */
    private List<Double> reads(Database database) throws SQLException {
        List<Double> medians = new ArrayList<>();
        for (String query : queries().values()) {
            double[] millis = new double[READS];
            for (int n = 0; n < READS; n++) {
                long start = System.nanoTime();
                database.numbers(query);
                millis[n] = (System.nanoTime() - start) / 1e6;
            }
            Arrays.sort(millis);
            medians.add(millis[READS / 2]);
        }
        return medians;
    }

    private void tellReads(String name, List<Double> before, List<Double> after) {
        Table table = new Table("read, " + name, "rows ms", "compacted ms");
        List<String> names = List.copyOf(queries().keySet());
        for (int n = 0; n < names.size(); n++) {
            table.add(names.get(n), Table.number(before.get(n), 2), Table.number(after.get(n), 2));
        }
        System.out.println(table);
    }

    private static void tellMetrics(Database database) throws SQLException {
        Table table = new Table("metric", "samples", "its rows B");
        long metrics = number(database, "SELECT count(*) FROM gpu_metric");
        for (int metric = 1; metric <= metrics; metric++) {
            List<Long> bytes = database.numbers(BY_METRIC.formatted(metric));
            table.add("metric " + metric, Table.number((double) bytes.get(1), 0), each(bytes.get(2), bytes.get(1), 2));
        }
        System.out.println(table);
    }
}
