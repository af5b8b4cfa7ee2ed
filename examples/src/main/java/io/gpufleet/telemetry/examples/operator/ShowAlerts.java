package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.terminal.Column;
import io.gpufleet.telemetry.examples.terminal.Table;
import io.gpufleet.telemetry.jdbc.monitor.ConsumerAlert;
import io.gpufleet.telemetry.jdbc.monitor.ConsumerReports;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows the services that need attention. Not thread-safe. */
@Command(
        name = "alerts",
        description = {
            "Shows the services that need attention, including those with an unknown lag.",
            "Exit code 1 if one needs action at once, or if no service has settings or reports."
        })
final class ShowAlerts implements Callable<Integer> {
    @Mixin
    private final DatabaseOptions database = new DatabaseOptions();

    @Mixin
    private final Output output = new Output();

    @Mixin
    private final Watch watch = new Watch();

    @Override
    public Integer call() throws SQLException, InterruptedException {
        return watch.run(output, this::show);
    }

    private int show() {
        ConsumerReports reports = Reports.of(database);
        List<ConsumerAlert> alerts = reports.alerts();
        Table table = new Table(
                "Alerts",
                List.of(
                        Column.text("service"),
                        Column.text("action"),
                        Column.countIfKnown("lag"),
                        Column.text("lag status"),
                        Column.text("reported"),
                        Column.text("speed").dispensable(2),
                        Column.percent("errors").dispensable(1),
                        Column.prose("recommendation")));
        for (ConsumerAlert alert : alerts) {
            table.add(Arrays.asList(
                    alert.serviceName(),
                    alert.actionRequired(),
                    Reports.lag(alert.lagStatus(), alert.currentTotalLag()),
                    alert.lagStatus(),
                    Reports.reported(alert.lagAge()),
                    alert.processingSpeed(),
                    Reports.percent(alert.errorRate()),
                    alert.recommendation()));
        }
        output.print(table);
        if (alerts.isEmpty()) {
            Reports.requireSome(reports.performance());
        }
        return Reports.code(alerts);
    }
}
