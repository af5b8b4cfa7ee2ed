package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.examples.operator.PositionReset.Outcome;
import io.gpufleet.telemetry.examples.terminal.Column;
import io.gpufleet.telemetry.examples.terminal.Table;
import java.util.Arrays;
import java.util.List;

/** The effect of a reset on each partition. Not thread-safe. */
final class ResetTable {
    private final Table table;

    ResetTable(String title) {
        table = new Table(
                title,
                List.of(
                        Column.number("partition"),
                        Column.number("from"),
                        Column.number("to"),
                        Column.count("passed over"),
                        Column.count("read again"),
                        Column.prose("result")));
    }

    Table table() {
        return table;
    }

    void addPlanned(PositionMove move) {
        add(move, move.isNeeded() ? "would move " + move : "is there already");
    }

    void addOutcome(Outcome outcome) {
        add(outcome.move(), result(outcome));
    }

    private static String result(Outcome outcome) {
        if (!outcome.done()) {
            return "not moved: a consumer moved it " + outcome.attempts() + " times meanwhile";
        }
        String meanwhile = outcome.attempts() > 1 ? ", after a consumer had moved it meanwhile" : "";
        return (outcome.move().isNeeded() ? "moved " + outcome.move() : "is there already") + meanwhile;
    }

    private void add(PositionMove move, String result) {
        boolean countable = !move.leavesTheLog();
        table.add(Arrays.asList(
                move.partition().partition(),
                move.from().nextOffset(),
                move.to().nextOffset(),
                countable ? move.passedOver() : null,
                countable ? move.readAgain() : null,
                result));
    }
}
