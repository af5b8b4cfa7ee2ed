package io.gpufleet.telemetry.benchmarks.scaleout;

import io.gpufleet.telemetry.Sink;
import io.gpufleet.telemetry.benchmarks.pipeline.Backlog;
import io.gpufleet.telemetry.benchmarks.pipeline.BacklogSettings;
import io.gpufleet.telemetry.benchmarks.pipeline.ConsumerRun;
import io.gpufleet.telemetry.benchmarks.pipeline.Contents;
import io.gpufleet.telemetry.benchmarks.pipeline.Database;
import io.gpufleet.telemetry.benchmarks.pipeline.Figures;
import io.gpufleet.telemetry.benchmarks.pipeline.Servers;
import io.gpufleet.telemetry.benchmarks.pipeline.Stage;
import io.gpufleet.telemetry.benchmarks.pipeline.TableProgram;
import io.gpufleet.telemetry.benchmarks.report.Extent;
import io.gpufleet.telemetry.benchmarks.report.Rounds;
import io.gpufleet.telemetry.benchmarks.report.Table;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The program that measures one, two and four consumers of a group, each with one lane, on the same topic of eight
 * partitions.
 */
public final class ScaleOutTable {
    private static final List<Integer> CONSUMERS = List.of(1, 2, 4);
    private static final int PARTITIONS = 8;

    private ScaleOutTable() {}

    /**
     * Runs the program.
     *
     * @param arguments the extent
     */
    public static void main(String[] arguments) throws Exception {
        TableProgram.run(
                "Consumers of one group on " + PARTITIONS + " partitions, one lane each",
                ScaleOutTable::measure,
                arguments);
    }

    static Table measure(Servers servers, Extent extent) throws Exception {
        BacklogSettings settings = new BacklogSettings(1, extent.choose(500, 5_000, 20_000));
        Backlog backlog = new Backlog(
                "scale-out", extent.choose(2_000, 60_000, 1_000_000), 1, extent.choose(100, 2_000, 10_000), PARTITIONS);
        Map<Integer, List<Figures>> figures = new TreeMap<>();
        try (Stage stage = Stage.of(servers, backlog, backlog.records())) {
            for (int round = 0; round < extent.choose(1, 3, 3); round++) {
                for (int consumers : CONSUMERS) {
                    figures.computeIfAbsent(consumers, key -> new ArrayList<>()).add(run(stage, settings, consumers));
                }
            }
        }
        return table(figures);
    }

    private static Figures run(Stage stage, BacklogSettings settings, int consumers)
            throws SQLException, InterruptedException {
        try (Database database = stage.newDatabase(consumers * settings.connections())) {
            List<Sink<Heartbeat>> sinks = Stream.<Sink<Heartbeat>>generate(() -> HeartbeatSink.create(database.pool()))
                    .limit(consumers)
                    .toList();
            Figures figures = ConsumerRun.ofGroup(stage, settings, sinks);
            Contents.ofAll(stage.backlog()).requireIn(database, consumers + " consumers");
            return figures;
        }
    }

    private static Table table(Map<Integer, List<Figures>> figures) {
        Table table = new Table("consumers", "records/s", "spread", "of one", "client CPU s/M", "server CPU s/M");
        double one = rate(figures.getOrDefault(1, List.of())).median();
        figures.forEach((consumers, rounds) -> {
            Rounds rate = rate(rounds);
            table.add(
                    Integer.toString(consumers),
                    Table.number(rate.median(), 0),
                    rate.spreadText(),
                    Table.number(rate.median() / one, 2),
                    Table.number(
                            Rounds.of(rounds, Figures::clientCpuSecondsPerMillion)
                                    .median(),
                            1),
                    Table.number(
                            Rounds.of(rounds, Figures::serverCpuSecondsPerMillion)
                                    .median(),
                            1));
        });
        return table;
    }

    private static Rounds rate(List<Figures> rounds) {
        return Rounds.of(rounds, Figures::recordsPerSecond);
    }
}
