package io.gpufleet.telemetry.benchmarks.gpu;

import io.gpufleet.telemetry.benchmarks.pipeline.Figures;
import io.gpufleet.telemetry.benchmarks.pipeline.Goal;
import io.gpufleet.telemetry.benchmarks.pipeline.Results;
import io.gpufleet.telemetry.benchmarks.pipeline.Servers;
import io.gpufleet.telemetry.benchmarks.pipeline.TableProgram;
import io.gpufleet.telemetry.benchmarks.report.Extent;
import io.gpufleet.telemetry.benchmarks.report.Rounds;
import io.gpufleet.telemetry.benchmarks.report.Table;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The common part of the programs that measure GPU samples: rounds, the table of rows, and the load of the machine. */
final class SampleProgram {
    private static final String ROUNDS = "rounds=";
    private static final int USUAL_ROUNDS = 5;

    /** The measurement that fills the table of goals. */
    @FunctionalInterface
    interface Content {
        Table measure(Servers servers, Extent extent, int rounds) throws Exception;
    }

    private SampleProgram() {}

    /**
     * Runs the program, and ends this JVM.
     *
     * @param arguments the extent, and {@code rounds=5}, beside an uncounted one for warm-up; both may be missing
     */
    static void run(String title, Content content, String... arguments) throws Exception {
        int rounds = rounds(arguments);
        String[] others = Arrays.stream(arguments)
                .filter(argument -> !argument.startsWith(ROUNDS))
                .toArray(String[]::new);
        TableProgram.run(
                title + ", " + rounds + " rounds, load " + load(),
                (servers, extent) -> {
                    Table goals = content.measure(servers, extent, rounds);
                    System.out.println("load at the end: " + load() + "\n");
                    return goals;
                },
                others);
    }

    static int rounds(String... arguments) {
        return Integer.parseInt(option("rounds", Integer.toString(USUAL_ROUNDS), arguments));
    }

    /** Returns the text after the name of an option and the equals sign. */
    static String option(String name, String otherwise, String... arguments) {
        return Arrays.stream(arguments)
                .filter(argument -> argument.startsWith(name + '='))
                .map(argument -> argument.substring(name.length() + 1))
                .findFirst()
                .orElse(otherwise);
    }

    /** Returns the average number of busy processes in the last minute. */
    private static String load() {
        return Table.number(ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(), 1);
    }

    /** Returns the backlog of an extent. */
    static ScrapeBacklog backlog(String topic, Extent extent) {
        return new ScrapeBacklog(topic, extent.choose(5, 100, 100), extent.choose(2, 20, 50));
    }

    static Results.Key key(String row) {
        return new Results.Key(row, ScrapeBacklog.GPUS);
    }

    /** Adds a round of a row, and says so. */
    static void add(Results results, String row, Figures figures) {
        results.add(key(row), figures);
        System.err.println(row + ": " + Table.number(figures.recordsPerSecond(), 0) + " samples/s");
    }

    /** Returns the table of rows. */
    static Table rows(Results results, List<String> rows) {
        Table table = new Table("row", "samples/s", "spread", "client CPU s/M", "server CPU s/M");
        rows.forEach(row -> table.add(
                row,
                median(results, row, Figures::recordsPerSecond, 0),
                rounds(results, row, Figures::recordsPerSecond).spreadText(),
                median(results, row, Figures::clientCpuSecondsPerMillion, 1),
                median(results, row, Figures::serverCpuSecondsPerMillion, 1)));
        return table;
    }

    private static String median(Results results, String row, ToDoubleFunction<Figures> figure, int decimals) {
        return Table.number(rounds(results, row, figure).median(), decimals);
    }

    private static Rounds rounds(Results results, String row, ToDoubleFunction<Figures> figure) {
        return results.of(key(row), figure).orElseThrow();
    }

    /** Returns the table of goals. */
    static Table goals(Results results, List<Goal> goals) {
        Table table = new Table("goal", "GPUs a host", "wanted", "reached", "spread", "");
        goals.forEach(goal -> goal.addTo(table, results));
        return table;
    }
}
