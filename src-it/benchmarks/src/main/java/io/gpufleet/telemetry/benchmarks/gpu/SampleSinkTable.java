package io.gpufleet.telemetry.benchmarks.gpu;

import io.gpufleet.telemetry.benchmarks.pipeline.Database;
import io.gpufleet.telemetry.benchmarks.pipeline.Goal;
import io.gpufleet.telemetry.benchmarks.pipeline.Results;
import io.gpufleet.telemetry.benchmarks.pipeline.Servers;
import io.gpufleet.telemetry.benchmarks.report.Extent;
import io.gpufleet.telemetry.benchmarks.report.Table;
import java.util.List;

/** The program that measures the sinks of GPU samples beside an insert of the same rows inside the server. */
public final class SampleSinkTable {
    private static final double GOAL = 0.7;
    private static final String JOINED = "INSERT ... SELECT of samples, wide";

    private SampleSinkTable() {}

    /**
     * Runs the program.
     *
     * @param arguments the extent, and {@code rounds=5}
     */
    public static void main(String[] arguments) throws Exception {
        SampleProgram.run(
                "The sinks of GPU samples beside INSERT ... SELECT, 1 lane, batches of 50,000 samples",
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
                List.of(
                        sink(SampleForm.LONG),
                        server(SampleForm.LONG),
                        sink(SampleForm.WIDE),
                        server(SampleForm.WIDE),
                        JOINED)));
        return SampleProgram.goals(results, goals());
    }

    private static void round(SampleStage stage, Results results) throws Exception {
        for (SampleForm form : SampleForm.values()) {
            try (Database database = stage.newDatabase(1)) {
                SampleProgram.add(results, sink(form), stage.sinkOnly(form, 1, database));
                SampleProgram.add(results, server(form), InsertSelect.ofRows(stage, form, database));
                if (form == SampleForm.WIDE) {
                    SampleProgram.add(results, JOINED, InsertSelect.ofSamples(stage, database));
                }
            }
        }
    }

    private static List<Goal> goals() {
        return List.of(
                goal(SampleForm.LONG, server(SampleForm.LONG)),
                goal(SampleForm.WIDE, server(SampleForm.WIDE)),
                goal(SampleForm.WIDE, JOINED));
    }

    private static Goal goal(SampleForm form, String base) {
        return new Goal(sink(form), GOAL, base, ScrapeBacklog.GPUS);
    }

    private static String sink(SampleForm form) {
        return form.row("sink only", 1);
    }

    private static String server(SampleForm form) {
        return "INSERT ... SELECT, " + form;
    }
}
