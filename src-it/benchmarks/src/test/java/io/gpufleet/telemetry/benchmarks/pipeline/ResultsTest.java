package io.gpufleet.telemetry.benchmarks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.benchmarks.report.Rounds;
import io.gpufleet.telemetry.benchmarks.report.Table;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

final class ResultsTest {
    private static final Backlog BACKLOG = new Backlog("topic", 100, 1, 10, 2);

    private final Results results = new Results();

    @Test
    void ratio_isTakenRoundByRound() {
        add("fast", 1, 10, 2);
        add("slow", 2, 20, 8);
        assertThat(results.ratio(key("fast"), key("slow")).map(Rounds::median)).contains(2.0);
    }

    @Test
    void goal_isMetByTheMedian() {
        add("fast", 1, 10, 2);
        add("slow", 2, 20, 8);
        assertThat(verdict(new Goal("fast", 2, "slow", 1))).contains("met").doesNotContain("missed");
        assertThat(verdict(new Goal("fast", 2.1, "slow", 1))).contains("missed");
    }

    @Test
    void goal_withoutARow_isNotRun() {
        add("fast", 1);
        assertThat(verdict(new Goal("fast", 2, "slow", 1))).contains("not run");
    }

    private String verdict(Goal goal) {
        Table table = new Table("goal", "devices", "wanted", "reached", "spread", "");
        goal.addTo(table, results);
        return table.toString();
    }

    private void add(String row, double... seconds) {
        for (double taken : seconds) {
            results.add(row, BACKLOG, new Figures(100, taken, 1, OptionalDouble.empty()));
        }
    }

    private static Results.Key key(String row) {
        return new Results.Key(row, 1);
    }
}
