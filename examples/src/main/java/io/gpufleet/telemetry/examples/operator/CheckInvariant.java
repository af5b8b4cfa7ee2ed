package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.terminal.Column;
import io.gpufleet.telemetry.examples.terminal.Table;
import io.gpufleet.telemetry.examples.terminal.Text;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatInvariant;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatInvariant.Difference;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Recomputes the statistics, and compares. Not thread-safe. */
@Command(
        name = "invariant",
        description = {
            "Recomputes the daily statistics of machines from the stored heartbeats, and lists the differences.",
            "It may run while consumers write. Exit code 1 if the invariant does not hold."
        })
final class CheckInvariant implements Callable<Integer> {
    @Mixin
    private final DatabaseOptions database = new DatabaseOptions();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() {
        HeartbeatInvariant.Result result = new Tables(database).checkInvariant();
        Table differences = differences(result);
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("holds", result.holds());
        fields.put("differences", result.differences());
        fields.put("first", differences.records());
        output.print(result.holds() ? List.of("Invariant holds") : Output.lines(differences), fields);
        return result.holds() ? ExitCodes.OK : ExitCodes.NOT_SO;
    }

    private static Table differences(HeartbeatInvariant.Result result) {
        String title = "Invariant does not hold: " + Text.count(result.differences()) + " values differ";
        Table table = new Table(
                result.first().size() < result.differences() ? title + ", of which these are the first" : title,
                List.of(
                        Column.text("client"),
                        Column.text("day"),
                        Column.text("column"),
                        Column.text("stored"),
                        Column.text("expected")));
        for (Difference difference : result.first()) {
            table.add(List.of(
                    difference.clientId().toString(),
                    difference.date().toString(),
                    difference.column(),
                    difference.stored(),
                    difference.expected()));
        }
        return table;
    }
}
