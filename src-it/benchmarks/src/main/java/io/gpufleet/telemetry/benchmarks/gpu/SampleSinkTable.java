package io.gpufleet.telemetry.benchmarks.gpu;

import io.gpufleet.telemetry.benchmarks.pipeline.Database;
import io.gpufleet.telemetry.benchmarks.pipeline.Goal;
import io.gpufleet.telemetry.benchmarks.pipeline.Results;
import io.gpufleet.telemetry.benchmarks.pipeline.Servers;
import io.gpufleet.telemetry.benchmarks.report.Extent;
import io.gpufleet.telemetry.benchmarks.report.Table;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** The program that measures the sinks of GPU samples beside an insert of the same rows inside the server. */
public final class SampleSinkTable {
    private static final double GOAL = 0.7;

    private SampleSinkTable() {}

    /**
     * Runs the program.
     *
     * @param arguments the extent, and {@code rounds=5}
     */
    public static void main(String[] arguments) throws Exception {
        SampleProgram.run(
                "The sinks of GPU samples beside INSERT ... SELECT, 1 lane, batches of 10,000 samples",
                SampleSinkTable::measure,
                arguments);
    }

    static Table measure(Servers servers, Extent extent, int rounds) throws Exception {
        SampleStage stage = SampleStage.of(servers, SampleProgram.backlog("sample-sink", extent));
        Results results = new Results();
        round(stage, new Results());
        for (int round = 0; round < rounds; round++) {
            round(stage, results);
        }
        System.out.println(SampleProgram.rows(
                results,
                Arrays.stream(SampleForm.values())
                        .flatMap(form -> Stream.of(sink(form), server(form)))
                        .toList()));
        return SampleProgram.goals(results, goals());
    }

    private static void round(SampleStage stage, Results results) throws Exception {
        for (SampleForm form : SampleForm.values()) {
            try (Database database = stage.newDatabase(1)) {
                SampleProgram.add(results, sink(form), stage.sinkOnly(form, 1, database));
                SampleProgram.add(results, server(form), InsertSelect.measure(stage, form, database));
            }
        }
    }

    private static List<Goal> goals() {
        return Arrays.stream(SampleForm.values())
                .map(form -> new Goal(sink(form), GOAL, server(form), ScrapeBacklog.GPUS))
                .toList();
    }

    private static String sink(SampleForm form) {
        return form.row("sink only", 1);
    }

    private static String server(SampleForm form) {
        return "INSERT ... SELECT, " + form;
    }
}
