package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.terminal.Column;
import io.gpufleet.telemetry.examples.terminal.Table;
import io.gpufleet.telemetry.jdbc.monitor.ConsumerRecommendation;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Advises on the settings of services. Not thread-safe. */
@Command(
        name = "settings",
        description = "Lists settings that should have other values, by the reports of the last hour.")
final class AdviseSettings implements Callable<Integer> {
    @Mixin
    private final DatabaseOptions database = new DatabaseOptions();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() {
        Table table = new Table(
                "Advice on settings",
                List.of(
                        Column.text("service"),
                        Column.text("priority"),
                        Column.text("what to do"),
                        Column.text("setting"),
                        Column.number("value"),
                        Column.prose("reason")));
        for (ConsumerRecommendation advice : Reports.of(database).recommendations()) {
            table.add(List.of(
                    advice.serviceName(),
                    advice.priority().name().toLowerCase(Locale.ROOT),
                    advice.direction().name().toLowerCase(Locale.ROOT),
                    advice.setting().column(),
                    advice.currentValue(),
                    advice.reason()));
        }
        output.print(table);
        return ExitCodes.OK;
    }
}
