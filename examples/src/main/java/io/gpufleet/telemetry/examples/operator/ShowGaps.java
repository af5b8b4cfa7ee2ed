package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.terminal.Column;
import io.gpufleet.telemetry.examples.terminal.Table;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows the gaps of groups. Not thread-safe. */
@Command(
        name = "gaps",
        description = "Shows gaps: moves of a position without consuming, in their order.",
        footer = "After a topic was recreated, the skipped records cannot be counted.%n")
final class ShowGaps implements Callable<Integer> {
    private static final String SQL = """
            SELECT group_id, topic, partition, reason, from_offset, to_offset,
                CASE WHEN from_topic_id = to_topic_id THEN greatest(to_offset - from_offset, 0) END,
                CASE WHEN from_topic_id = to_topic_id THEN 'same' ELSE 'another' END, created_at
            FROM {consumption_gaps}
            WHERE group_id = coalesce(?::text, group_id) AND topic = coalesce(?::text, topic)
            ORDER BY group_id, topic, id""";

    @Mixin
    private final Filter filter = new Filter();

    @Mixin
    private final DatabaseOptions database = new DatabaseOptions();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() throws SQLException {
        Tables tables = new Tables(database);
        tables.requireGroup(filter.group());
        Table table = table();
        tables.rows(SQL, filter).forEach(table::add);
        output.print(table);
        return ExitCodes.OK;
    }

    private static Table table() {
        return new Table(
                "Gaps",
                List.of(
                        Column.text("group"),
                        Column.text("topic"),
                        Column.number("partition"),
                        Column.text("reason"),
                        Column.number("from"),
                        Column.number("to"),
                        Column.count("passed over"),
                        Column.text("log"),
                        Column.instant("moved at").dispensable(1)));
    }
}
