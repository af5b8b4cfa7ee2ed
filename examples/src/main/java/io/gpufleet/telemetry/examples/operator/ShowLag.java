package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.terminal.Column;
import io.gpufleet.telemetry.examples.terminal.Table;
import io.gpufleet.telemetry.jdbc.monitor.ConsumerPerformance;
import io.gpufleet.telemetry.jdbc.monitor.ConsumerReports;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows the state of the services. Not thread-safe. */
@Command(
        name = "lag",
        description = {
            "Shows the lag and the performance of each service, as reported by its ConsumerMonitor.",
            "Exit code 1 if a service needs action at once, as with an unknown lag, or if there is none; operator"
                    + " status reads the lag from the brokers."
        },
        footer = "The lag is the last report, all other columns cover the last hour. ?, UNKNOWN: not reported"
                + " recently, or never.%n")
final class ShowLag implements Callable<Integer> {
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
        Table table = new Table(
                "Services",
                List.of(
                        Column.text("service"),
                        Column.text("group").dispensable(5),
                        Column.countIfKnown("lag"),
                        Column.text("lag status"),
                        Column.text("reported"),
                        Column.count("batch ms").dispensable(4),
                        Column.text("speed").dispensable(3),
                        Column.count("batch size").dispensable(6),
                        Column.number("max poll records").dispensable(7),
                        Column.percent("errors").dispensable(2),
                        Column.prose("recommendation")));
        ConsumerReports reports = Reports.of(database);
        List<ConsumerPerformance> services = reports.performance();
        for (ConsumerPerformance service : services) {
            table.add(Arrays.asList(
                    service.serviceName(),
                    service.groupId(),
                    Reports.lag(service.lagStatus(), service.currentTotalLag()),
                    service.lagStatus(),
                    Reports.reported(service.lagAge()),
                    Reports.value(service.averageProcessingMillis()),
                    service.processingSpeed(),
                    Reports.value(service.averageBatchSize()),
                    service.maxPollRecords(),
                    Reports.percent(service.errorRate()),
                    service.recommendation()));
        }
        output.print(table);
        Reports.requireSome(services);
        return Reports.code(reports.alerts());
    }
}
