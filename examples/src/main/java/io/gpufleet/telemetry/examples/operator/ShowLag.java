package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.terminal.Column;
import io.gpufleet.telemetry.examples.terminal.Table;
import io.gpufleet.telemetry.jdbc.monitor.ConsumerPerformance;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows how the services do. Not thread-safe. */
@Command(
        name = "lag",
        description = {
            "Shows how far each service is behind and how it does, as its ConsumerMonitor has reported.",
            "Exit code 1 if that is not known of one, or no service has reported; operator status asks the brokers."
        },
        footer = "The lag is as reported last, everything else of the last hour. UNKNOWN: nothing was reported in the"
                + " last minute.%n")
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
                        Column.text("group"),
                        Column.count("lag"),
                        Column.text("lag status"),
                        Column.text("reported"),
                        Column.count("batch ms"),
                        Column.text("speed"),
                        Column.count("batch size"),
                        Column.number("max poll records"),
                        Column.percent("errors"),
                        Column.text("recommendation")));
        List<ConsumerPerformance> services = Reports.of(database).performance();
        for (ConsumerPerformance service : services) {
            table.add(Arrays.asList(
                    service.serviceName(),
                    service.groupId(),
                    Reports.value(service.currentTotalLag()),
                    service.lagStatus(),
                    service.lastLagAge().map(Ages::ago).orElse("never"),
                    Reports.value(service.averageProcessingMillis()),
                    service.processingSpeed(),
                    Reports.value(service.averageBatchSize()),
                    service.maxPollRecords(),
                    Reports.percent(service.errorRate()),
                    service.recommendation()));
        }
        output.print(table);
        boolean isKnown =
                services.stream().noneMatch(service -> service.lagStatus().equals("UNKNOWN"));
        return isKnown && !services.isEmpty() ? ExitCodes.OK : ExitCodes.NOT_SO;
    }
}
