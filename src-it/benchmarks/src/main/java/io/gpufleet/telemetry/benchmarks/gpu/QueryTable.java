package io.gpufleet.telemetry.benchmarks.gpu;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.benchmarks.pipeline.Database;
import io.gpufleet.telemetry.benchmarks.pipeline.Servers;
import io.gpufleet.telemetry.benchmarks.pipeline.TableProgram;
import io.gpufleet.telemetry.benchmarks.report.Extent;
import io.gpufleet.telemetry.benchmarks.report.Table;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.query.GpuQueries;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import javax.sql.DataSource;

/**
 * The program that measures questions over a week of samples, while a consumer writes at the pace of the fleet and
 * eight readers ask. Client and server share the processors.
 */
public final class QueryTable {
    private static final int READERS = 8;
    private static final int CONNECTIONS = READERS + 2;

    private final DataSource source;
    private final Extent extent;
    private final QueriedFleet fleet;
    private final Duration pause;

    private QueryTable(DataSource source, Extent extent, Duration pause) {
        this.source = source;
        this.extent = extent;
        this.fleet = QueriedFleet.of(extent);
        this.pause = pause;
    }

    /**
     * Runs the program.
     *
     * @param arguments the extent; {@code url=} the JDBC URL of a database that is kept: it is filled where it is not
     *     yet, otherwise the program starts a server of its own; {@code load=only} to fill it only; and
     *     {@code pause=200}, the longest pause of a reader between two questions, in milliseconds. All may be missing
     */
    public static void main(String[] arguments) throws Exception {
        String url = SampleProgram.option("url", "", arguments);
        Duration pause = Duration.ofMillis(Long.parseLong(SampleProgram.option("pause", "200", arguments)));
        String[] others = Arrays.stream(arguments)
                .filter(argument -> !argument.contains("="))
                .toArray(String[]::new);
        if (url.isEmpty()) {
            TableProgram.run(
                    "Questions beside a consumer", (servers, extent) -> measure(servers, extent, pause), others);
        } else {
            boolean isLoad = !SampleProgram.option("load", "", arguments).isEmpty();
            run(url, Extent.of(others), pause, isLoad);
        }
    }

    private static void run(String url, Extent extent, Duration pause, boolean isLoad) throws Exception {
        try (HikariDataSource pool = pool(url)) {
            QueryTable table = new QueryTable(pool, extent, pause);
            table.fleet.load(pool);
            if (!isLoad) {
                System.out.println(table.measure());
            }
        }
        System.exit(0);
    }

    private static HikariDataSource pool(String url) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setMaximumPoolSize(CONNECTIONS);
        return new HikariDataSource(config);
    }

    static Table measure(Servers servers, Extent extent, Duration pause) throws Exception {
        try (Database database = Database.installed(servers, CONNECTIONS, "", TelemetrySchema.Builder::gpuSamples)) {
            QueryTable table = new QueryTable(database.pool(), extent, pause);
            table.fleet.load(database.pool());
            return table.measure();
        }
    }

    private Table measure() throws Exception {
        Instant midnight = QueriedFleet.today().atStartOfDay(ZoneOffset.UTC).toInstant();
        Clock clock = Clock.offset(Clock.systemUTC(), Duration.between(Instant.now(), midnight));
        Instant warm = midnight.plusSeconds(extent.choose(1, 10, 60));
        Instant end = warm.plusSeconds(extent.choose(2, 20, 180));
        QueryReader.Schedule schedule = new QueryReader.Schedule(clock, warm, end, pause);
        GpuQueries queries = GpuQueries.builder(source).clock(clock).build();
        LiveFleet live = new LiveFleet(fleet, source, clock);
        ExecutorService threads = Executors.newFixedThreadPool(READERS + 1);
        try {
            Future<Long> written =
                    threads.submit(() -> live.writeUntil(() -> !clock.instant().isBefore(end)));
            List<QueryReader> readers = IntStream.range(0, READERS)
                    .mapToObj(reader -> new QueryReader(new SplittableRandom(reader), fleet, queries, schedule))
                    .toList();
            Map<Question, List<Double>> millis = new EnumMap<>(Question.class);
            for (Future<Map<Question, List<Double>>> reader : threads.invokeAll(readers)) {
                reader.get()
                        .forEach((question, times) -> millis.computeIfAbsent(question, none -> new ArrayList<>())
                                .addAll(times));
            }
            System.out.println(written.get() + " samples in long rows were written meanwhile\n");
            return table(millis);
        } finally {
            threads.shutdownNow();
        }
    }

    private static Table table(Map<Question, List<Double>> millis) {
        Table table = new Table("question", "asked", "p50 ms", "p99 ms", "goal ms", "p50 / goal", "p99 / goal", "");
        for (Question question : Question.values()) {
            double[] sorted = millis.getOrDefault(question, List.of()).stream()
                    .mapToDouble(Double::doubleValue)
                    .sorted()
                    .toArray();
            double half = percentile(sorted, 0.5);
            double most = percentile(sorted, 0.99);
            table.add(
                    question.toString(),
                    Table.number(sorted.length, 0),
                    Table.number(half, 2),
                    Table.number(most, 2),
                    Table.number(question.goalMillis(), 0),
                    Table.number(half / question.goalMillis(), 2),
                    Table.number(most / question.goalMillis(), 2),
                    most <= question.goalMillis() ? "met" : "missed");
        }
        return table;
    }

    private static double percentile(double[] sorted, double share) {
        return sorted.length == 0 ? Double.NaN : sorted[(int) Math.ceil(share * sorted.length) - 1];
    }
}
