package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.terminal.Column;
import io.gpufleet.telemetry.examples.terminal.Table;
import io.gpufleet.telemetry.jdbc.monitor.ConsumerAlert;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows which services need somebody. Not thread-safe. */
@Command(
        name = "alerts",
        description =
                "Shows the services that someone should look at, those that have gone silent among them. Exit code 1 if one of them needs action at once.")
final class ShowAlerts implements Callable<Integer> {
    @Mixin
    private final DatabaseOptions database = new DatabaseOptions();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() {
        List<ConsumerAlert> alerts = Reports.of(database).alerts();
        Table table = new Table(
                "Alerts",
                List.of(
                        Column.text("service"),
                        Column.text("action"),
                        Column.count("lag"),
                        Column.text("lag status"),
                        Column.text("speed"),
                        Column.percent("errors"),
                        Column.text("recommendation")));
        for (ConsumerAlert alert : alerts) {
            table.add(Arrays.asList(
                    alert.serviceName(),
                    alert.actionRequired(),
                    Reports.value(alert.currentTotalLag()),
                    alert.lagStatus(),
                    alert.processingSpeed(),
                    Reports.percent(alert.errorRate()),
                    alert.recommendation()));
        }
        output.print(table);
        return alerts.stream().anyMatch(alert -> alert.actionRequired() == ConsumerAlert.Action.IMMEDIATE_ACTION)
                ? ExitCodes.NOT_SO
                : ExitCodes.OK;
    }
}
