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

/** Lists the services with settings. Not thread-safe. */
@Command(name = "list", description = "Lists the services that have settings, with the settings that are changed most.")
final class ListConfigs implements Callable<Integer> {
    private static final String SQL = """
            SELECT service_name, consumer_group_id, max_poll_records, session_timeout_ms, max_poll_interval_ms,
                batch_max_records, batch_max_bytes, batch_linger_ms, description, updated_at
            FROM {pipeline_consumer_configs} ORDER BY 1""";

    @Mixin
    private final DatabaseOptions database = new DatabaseOptions();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() throws SQLException {
        Table table = new Table(
                "Services",
                List.of(
                        Column.text("service"),
                        Column.text("group"),
                        Column.number("max poll records"),
                        Column.number("session timeout ms").dispensable(5),
                        Column.number("max poll interval ms").dispensable(4),
                        Column.number("batch max records"),
                        Column.number("batch max bytes").dispensable(3),
                        Column.number("batch linger ms").dispensable(2),
                        Column.prose("description"),
                        Column.instant("updated at").dispensable(1)));
        new Tables(database).rows(SQL).forEach(table::add);
        output.print(table);
        return ExitCodes.OK;
    }
}
