package io.gpufleet.telemetry.benchmarks.pipeline;

import io.gpufleet.telemetry.benchmarks.report.Rounds;
import io.gpufleet.telemetry.benchmarks.report.Table;
import java.util.List;
import java.util.Optional;

/**
 * The program that measures the speed of the pipeline: prints one table of all rows, the goals with the reached ratios,
 * and the machine.
 *
 * <p>{@code PipelineTable full rows=sink-only,end-to-end rounds=5}; see {@link Options}. It starts the servers that it
 * needs, and exits with 1 if a row fails or leaves wrong contents in the tables.
 */
public final class PipelineTable {
    private PipelineTable() {}

    /**
     * Runs the program and ends the JVM.
     *
     * @param arguments the options
     */
    public static void main(String[] arguments) throws Exception {
        Options options = Options.parse(arguments);
        Scale scale = options.scale();
        List<Contestant> rows = options.select(Rows.of(scale.product()));
        boolean costs = options.number("statements", 0) > 0;
        try (Servers servers = Servers.start(costs ? StatementCosts.LIBRARY : "")) {
            Results results = new Results();
            Race race = new Race(scale, rows, costs ? watch(new StatementCosts(servers)) : PipelineTable::show);
            for (int devices : scale.records().keySet()) {
                race.run(servers, devices, results);
            }
            print(scale, rows, results, Machine.describe(servers));
        }
        System.exit(0);
    }

    private static void show(String round, Contestant row, Figures figures) {
        System.err.println(
                round + ": " + row.name() + ", " + Table.number(figures.recordsPerSecond(), 0) + " records/s");
    }

    private static Race.Watch watch(StatementCosts costs) {
        return (round, row, figures) -> {
            show(round, row, figures);
            System.err.println(costs.next());
        };
    }

    private static void print(Scale scale, List<Contestant> rows, Results results, List<String> machine) {
        System.out.println(table(scale, rows, results));
        Table goals = new Table("goal", "devices", "wanted", "reached", "spread", "");
        for (int devices : scale.records().keySet()) {
            Goal.all(devices).forEach(goal -> goal.addTo(goals, results));
        }
        System.out.println(goals);
        scale.records().keySet().forEach(devices -> System.out.println("backlog: " + scale.backlog(devices)));
        System.out.println("rounds: " + scale.rounds());
        machine.forEach(System.out::println);
        rows.stream()
                .filter(row -> !row.details().isEmpty())
                .forEach(row -> System.out.println(row.name() + ": " + row.details()));
    }

    private static Table table(Scale scale, List<Contestant> rows, Results results) {
        Table table = new Table(
                "row",
                "devices",
                "records/s",
                "spread",
                "client CPU s/M",
                "server CPU s/M",
                "of end to end",
                "settings");
        for (int devices : scale.records().keySet()) {
            for (Contestant row : rows) {
                Results.Key key = new Results.Key(row.name(), devices);
                results.of(key, Figures::recordsPerSecond).ifPresent(rate -> add(table, key, rate, row, results));
            }
        }
        return table;
    }

    private static void add(Table table, Results.Key key, Rounds rate, Contestant row, Results results) {
        table.add(
                key.row(),
                Integer.toString(key.devices()),
                Table.number(rate.median(), 0),
                rate.spreadText(),
                median(results.of(key, Figures::clientCpuSecondsPerMillion)),
                median(results.of(key, Figures::serverCpuSecondsPerMillion)),
                results.ratio(key, new Results.Key(EndToEnd.NAME, key.devices()))
                        .map(ratio -> Table.number(ratio.median(), ratio.median() < 0.1 ? 4 : 2))
                        .orElse("-"),
                row.settings());
    }

    private static String median(Optional<Rounds> rounds) {
        return rounds.map(Rounds::median)
                .filter(Double::isFinite)
                .map(median -> Table.number(median, 1))
                .orElse("-");
    }
}
