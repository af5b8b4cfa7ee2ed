package io.gpufleet.telemetry.benchmarks.gpu;

import io.gpufleet.telemetry.benchmarks.pipeline.Database;
import io.gpufleet.telemetry.benchmarks.pipeline.Servers;
import io.gpufleet.telemetry.benchmarks.report.Extent;
import io.gpufleet.telemetry.benchmarks.report.Rounds;
import io.gpufleet.telemetry.benchmarks.report.Table;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The program that measures a batch of late samples, one of each GPU and spread over a day, whose samples are pieces or
 * rows.
 */
public final class LateSampleTable {
    private static final double MOST = 5;
    private static final int WARM_UP = 10;
    private static final int BATCHES_A_ROUND = 10;

    private LateSampleTable() {}

    /**
     * Runs the program.
     *
     * @param arguments the extent, and {@code rounds=5}, each of ten batches
     */
    public static void main(String[] arguments) throws Exception {
        SampleProgram.run(
                "Late samples into a compacted day and into one of rows, a batch of one sample a GPU",
                LateSampleTable::measure,
                arguments);
    }

    static Table measure(Servers servers, Extent extent, int rounds) throws Exception {
        int gpus = extent.choose(20, 1_000, 1_000);
        try (Database database = Database.installed(servers, 3, "", TelemetrySchema.Builder::gpuSamples)) {
            LateBatches fresh = new LateBatches(database, "fresh", gpus);
            LateBatches known = new LateBatches(database, "known", gpus);
            StoredDays days = new StoredDays(database, extent.choose(600, 600, 120));
            fresh.writeEveryMetric();
            days.fill();
            servers.execute("CHECKPOINT");
            Table table = new Table("samples", "day of rows, ms", "compacted day, ms", "times", "spread", "wanted", "");
            add(table, "new", times(rounds, round -> compare(fresh, days, round * 1_000L + 7_000_000)));
            add(table, "known", times(rounds, round -> compare(known, days, 0)));
            days.requireOnce();
            return table;
        }
    }

    /** The time of a batch in milliseconds, in a day of rows and in a compacted one. */
    private record Times(double rows, double pieces) {}

    /** A batch into each day. */
    @FunctionalInterface
    private interface Comparison {
        Times run(int round) throws Exception;
    }

    private static Times compare(LateBatches batches, StoredDays days, long micros) {
        return new Times(batches.write(days.rows(), micros), batches.write(days.pieces(), micros));
    }

    private static Times[] times(int rounds, Comparison comparison) throws Exception {
        Times[] times = new Times[WARM_UP + rounds * BATCHES_A_ROUND];
        for (int round = 0; round < times.length; round++) {
            times[round] = comparison.run(round);
        }
        return Arrays.copyOfRange(times, WARM_UP, times.length);
    }

    private static void add(Table table, String samples, Times... times) {
        double rows = Rounds.of(Arrays.asList(times), Times::rows).median();
        double pieces = Rounds.of(Arrays.asList(times), Times::pieces).median();
        Rounds ratios = Rounds.of(IntStream.range(0, times.length)
                .mapToDouble(i -> times[i].pieces / times[i].rows)
                .toArray());
        table.add(
                samples,
                Table.number(rows, 1),
                Table.number(pieces, 1),
                Table.number(pieces / rows, 2),
                ratios.spreadText(),
                "<= " + Table.number(MOST, 0),
                pieces / rows <= MOST ? "met" : "missed");
    }
}
