package io.gpufleet.telemetry.benchmarks.footprint;

import io.gpufleet.telemetry.benchmarks.pipeline.Backlog;
import io.gpufleet.telemetry.benchmarks.pipeline.Database;
import io.gpufleet.telemetry.benchmarks.pipeline.Servers;
import io.gpufleet.telemetry.benchmarks.pipeline.TableProgram;
import io.gpufleet.telemetry.benchmarks.report.Extent;
import io.gpufleet.telemetry.benchmarks.report.Table;
import io.gpufleet.telemetry.testkit.ForkedJvm;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/**
 * The program that measures a consumer with 128 MiB of heap and a backlog that it cannot keep up with, by the wait in
 * each write.
 */
public final class FootprintTable {
    private static final String HEAP = "-Xmx128m";
    private static final Duration LIMIT = Duration.ofMinutes(20);
    private static final double MEBIBYTE = 1 << 20;
    private static final double MILLION = 1e6;

    private FootprintTable() {}

    /**
     * Runs the program.
     *
     * @param arguments the extent
     */
    public static void main(String[] arguments) throws Exception {
        TableProgram.run(
                "A consumer with its defaults in a JVM of its own, " + HEAP + ", 1 device",
                FootprintTable::measure,
                arguments);
    }

    static Table measure(Servers servers, Extent extent) throws SQLException {
        Backlog backlog = new Backlog(
                "footprint", extent.choose(5_000, 200_000, 10_000_000), 1, extent.choose(100, 2_000, 10_000), 4);
        servers.publish(backlog);
        Table table = new Table("a write waits", "backlog", "written", "CPU s/M", "allocated B each", "most heap MiB");
        for (int delay : extent.choose(List.of(20), List.of(0, 20), List.of(0, 20))) {
            add(table, servers, backlog, delay, extent.choose(1_000, 20_000, 200_000));
        }
        return table;
    }

    private static void add(Table table, Servers servers, Backlog backlog, int delay, int wanted) throws SQLException {
        try (Database database = Database.installed(servers, 1, "", schema -> {});
                ForkedJvm consumer = ForkedJvm.builder(SlowConsumer.class)
                        .longLived()
                        .jvmArguments(HEAP, "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn")
                        .arguments(
                                servers.broker().bootstrapServers(),
                                database.jdbcUrl(),
                                backlog.topic(),
                                Integer.toString(wanted),
                                Integer.toString(delay))
                        .start()) {
            String[] figures = consumer.awaitLine(WatchedRun.FIGURES, LIMIT).split(" ", -1);
            double written = Double.parseDouble(figures[1]);
            table.add(
                    delay + " ms",
                    Table.number(backlog.records(), 0),
                    Table.number(written, 0),
                    Table.number(Double.parseDouble(figures[2]) / written * MILLION, 1),
                    Table.number(Double.parseDouble(figures[3]) / written, 0),
                    Table.number(Double.parseDouble(figures[4]) / MEBIBYTE, 0));
        }
    }
}
