package io.gpufleet.telemetry.benchmarks.pipeline;

import io.gpufleet.telemetry.benchmarks.report.Rounds;
import io.gpufleet.telemetry.benchmarks.report.Table;
import java.util.List;
import java.util.Optional;

/**
 * A row is to be so many times as fast as another. Immutable.
 *
 * @param row the name of the row
 * @param factor how many times as fast it is to be at least
 * @param base the name of the other row
 * @param devices the devices of a machine
 */
record Goal(String row, double factor, String base, int devices) {

    /** All goals for machines with so many devices. */
    static List<Goal> all(int devices) {
        return List.of(
                new Goal(EndToEnd.NAME, 0.8, SinkOnly.NAME, devices),
                new Goal(ConsumerOnly.NAME, 0.9, PollOnly.NAME, devices),
                new Goal(SinkOnly.NAME, 0.7, ServerLimit.NAME, devices),
                new Goal(EndToEnd.NAME, devices == 1 ? 50 : 35, UsualConsumer.NAME, devices),
                new Goal(EndToEnd.NAME, 4, SpringBatch.NAME, devices),
                new Goal(OursHeartbeatOnly.NAME, 3, ConnectSink.NAME, devices),
                new Goal(WithPositions.NAME, 0.97, WithoutPositions.NAME, devices));
    }

    /** Adds what was reached to a table of goals. */
    void addTo(Table table, Results results) {
        Optional<Rounds> ratio = results.ratio(new Results.Key(row, devices), new Results.Key(base, devices));
        table.add(
                row + " / " + base,
                Integer.toString(devices),
                ">= " + decimals(factor),
                ratio.map(rounds -> decimals(rounds.median())).orElse("-"),
                ratio.map(Rounds::spreadText).orElse("-"),
                ratio.map(rounds -> rounds.median() >= factor ? "met" : "missed")
                        .orElse("not run"));
    }

    private static String decimals(double ratio) {
        return Table.number(ratio, ratio < 10 ? 2 : 1);
    }
}
