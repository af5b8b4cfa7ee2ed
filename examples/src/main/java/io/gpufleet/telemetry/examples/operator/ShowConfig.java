package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.config.SettingExplanation;
import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.terminal.Column;
import io.gpufleet.telemetry.examples.terminal.Table;
import io.gpufleet.telemetry.jdbc.config.ConsumerConfigLoader;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows the settings of a service. Not thread-safe. */
@Command(
        name = "show",
        description = "Shows every setting of a service with a row, and its origin.",
        footer = {
            "Settings that are not in the row are left to the service's code; a default applies where that sets nothing"
                    + " either.%n"
        })
final class ShowConfig implements Callable<Integer> {
    @Parameters(paramLabel = "<service>", description = "The service's name.")
    private String service = "";

    @Mixin
    private final DatabaseOptions database = new DatabaseOptions();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() {
        Table table = new Table(
                "Settings of " + service,
                List.of(Column.text("setting"), Column.text("value"), Column.text("comes from")));
        try (ConsumerConfigLoader loader = Settings.loader(database)) {
            if (!loader.hasRow(service)) {
                throw Settings.unknown(
                        service, loader, "; such a service uses the values of its code, and the defaults");
            }
            for (SettingExplanation explained : loader.explain(service)) {
                table.add(Arrays.asList(
                        explained.setting().column(), explained.value().orElse(null), Settings.origin(explained)));
            }
        }
        output.print(table);
        return ExitCodes.OK;
    }
}
