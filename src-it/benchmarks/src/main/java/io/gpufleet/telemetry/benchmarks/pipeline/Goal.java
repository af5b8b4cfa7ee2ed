package io.gpufleet.telemetry.benchmarks.pipeline;

import io.gpufleet.telemetry.benchmarks.report.Rounds;
import io.gpufleet.telemetry.benchmarks.report.Table;
import java.util.List;
import java.util.Optional;

/**
 * A goal: a row must be a number of times as fast as another. Immutable.
 *
 * @param row the name of the row
 * @param factor the least ratio of their speeds
 * @param base the name of the other row
 * @param devices the devices of a machine
 */
public record Goal(String row, double factor, String base, int devices) {

    /** Returns all goals for machines with a number of devices. */
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

    /** Adds the reached ratio to a table of goals. */
    public void addTo(Table table, Results results) {
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
