package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.config.ConsumerSettings;
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

/** Explains the settings of a service. Not thread-safe. */
@Command(
        name = "explain",
        description = "Explains every setting of a service: its effect, its allowed values, and when a change applies.")
final class ExplainConfig implements Callable<Integer> {
    private static final String ANY = "<service>";

    @Parameters(
            paramLabel = ANY,
            arity = "0..1",
            description = "The service's name; without one, the defaults are shown.")
    private String service = ANY;

    @Mixin
    private final DatabaseOptions database = new DatabaseOptions();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() {
        Table table = new Table(
                "Settings of " + service,
                List.of(
                        Column.text("setting"),
                        Column.text("value"),
                        Column.text("comes from"),
                        Column.text("allowed").dispensable(1),
                        Column.text("a change is taken"),
                        Column.prose("meaning")));
        try (ConsumerConfigLoader loader = Settings.loader(database)) {
            for (SettingExplanation explained : explained(loader)) {
                table.add(Arrays.asList(
                        explained.setting().column(),
                        explained.value().orElse(null),
                        Settings.origin(explained),
                        explained.setting().allowed(),
                        Settings.when(explained.setting().effect()),
                        explained.setting().meaning()));
            }
        }
        output.print(table);
        return ExitCodes.OK;
    }

    private List<SettingExplanation> explained(ConsumerConfigLoader loader) {
        if (service.equals(ANY)) {
            return ConsumerSettings.defaults(ANY).explain();
        }
        if (!loader.hasRow(service)) {
            throw Settings.unknown(service, loader, "; without a name the defaults are explained");
        }
        return loader.explain(service);
    }
}
