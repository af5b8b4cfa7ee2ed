package io.gpufleet.telemetry.benchmarks.gpu;

import io.gpufleet.telemetry.benchmarks.pipeline.Goal;
import io.gpufleet.telemetry.benchmarks.pipeline.Results;
import io.gpufleet.telemetry.benchmarks.pipeline.Servers;
import io.gpufleet.telemetry.benchmarks.report.Extent;
import io.gpufleet.telemetry.benchmarks.report.Table;
import java.util.ArrayList;
import java.util.List;

/**
 * The program that measures GPU samples from the topic into the tables, beside the sinks alone and the usual service.
 */
public final class SamplePipelineTable {
    private static final double OF_SINK = 0.8;
    private static final double OF_USUAL = 4;
    private static final String END_TO_END = "end to end";
    private static final String SINK_ONLY = "sink only";
    private static final List<Integer> LANES = List.of(1, 2);

    private SamplePipelineTable() {}

    /**
     * Runs the program.
     *
     * @param arguments the extent, and {@code rounds=5}
     */
    public static void main(String[] arguments) throws Exception {
        SampleProgram.run(
                "GPU samples from the topic into the tables, batches of 50,000 samples",
                SamplePipelineTable::measure,
                arguments);
    }

    static Table measure(Servers servers, Extent extent, int rounds) throws Exception {
        SampleStage stage = SampleStage.of(servers, SampleProgram.backlog("sample-pipeline", extent));
        Results results = new Results();
        round(stage, new Results());
        for (int round = 0; round < rounds; round++) {
            round(stage, results);
        }
        System.out.println(SampleProgram.rows(results, rows()));
        return SampleProgram.goals(results, goals());
    }

    private static void round(SampleStage stage, Results results) throws Exception {
        for (SampleForm form : SampleForm.values()) {
            for (int lanes : LANES) {
                SampleProgram.add(results, form.row(SINK_ONLY, lanes), stage.sinkOnly(form, lanes));
                SampleProgram.add(results, form.row(END_TO_END, lanes), stage.endToEnd(form, lanes));
            }
        }
        SampleProgram.add(results, CopyingConsumer.NAME, CopyingConsumer.measure(stage));
    }

    private static List<String> rows() {
        List<String> rows = new ArrayList<>();
        for (SampleForm form : SampleForm.values()) {
            LANES.forEach(lanes -> rows.addAll(List.of(form.row(SINK_ONLY, lanes), form.row(END_TO_END, lanes))));
        }
        rows.add(CopyingConsumer.NAME);
        return rows;
    }

    private static List<Goal> goals() {
        List<Goal> goals = new ArrayList<>();
        for (SampleForm form : SampleForm.values()) {
            LANES.forEach(lanes -> goals.add(goal(form.row(END_TO_END, lanes), OF_SINK, form.row(SINK_ONLY, lanes))));
        }
        LANES.forEach(lanes -> goals.add(goal(SampleForm.LONG.row(END_TO_END, lanes), OF_USUAL, CopyingConsumer.NAME)));
        return goals;
    }

    private static Goal goal(String row, double factor, String base) {
        return new Goal(row, factor, base, ScrapeBacklog.GPUS);
    }
}
