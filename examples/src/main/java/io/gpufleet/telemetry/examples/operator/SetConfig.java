package io.gpufleet.telemetry.examples.operator;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.config.ConsumerSetting;
import io.gpufleet.telemetry.config.InvalidSettingsException;
import io.gpufleet.telemetry.config.SettingChange;
import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.terminal.Column;
import io.gpufleet.telemetry.examples.terminal.Table;
import io.gpufleet.telemetry.jdbc.config.ConsumerConfigLoader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Changes settings of a service. Not thread-safe. */
@Command(
        name = "set",
        description = {
            "Changes settings of a service, all or none, and prints when running consumers apply each change.",
            "The row holds only settings that were set: all others are left to the service's code and the defaults."
        })
final class SetConfig implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "<service>", description = "The service's name.")
    private String service = "";

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "<setting=value>",
            description = "The settings are the columns that configs show names.")
    private List<String> assignments = new ArrayList<>();

    @Option(
            names = "--unset",
            paramLabel = "<setting>",
            split = ",",
            description = "Remove a setting from the row, so that the service's code or the default decides again.")
    private List<String> unset = new ArrayList<>();

    @Option(names = "--create", description = "Create a row if the service has none.")
    private boolean create;

    @Option(names = "--dry-run", description = "Print the changes without making them.")
    private boolean dryRun;

    @Mixin
    private final DatabaseOptions database = new DatabaseOptions();

    @Mixin
    private final Output output = new Output();

    @Spec
    private @Nullable CommandSpec command;

    @Override
    public Integer call() {
        SettingEdit edit = SettingEdit.parse(assignments, unset);
        try (ConsumerConfigLoader loader = Settings.loader(database)) {
            edit.refuseUnknown(() -> violations(loader, edit));
            List<SettingChange> changes = loader.dryRun(service, edit.values(), edit.unset());
            if (!create && !loader.hasRow(service)) {
                throw Settings.unknown(service, loader, "; --create creates one");
            }
            print(dryRun ? changes : loader.change(service, edit.values(), edit.unset()));
        } catch (InvalidSettingsException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        return ExitCodes.OK;
    }

    private List<String> violations(ConsumerConfigLoader loader, SettingEdit edit) {
        try {
            loader.dryRun(service, edit.values(), edit.unset());
            return List.of();
        } catch (InvalidSettingsException e) {
            return e.violations();
        }
    }

    private void print(List<SettingChange> changed) {
        Table table = new Table(
                (dryRun ? "Would change of " : "Changed of ") + service,
                List.of(
                        Column.text("setting"),
                        Column.text("before"),
                        Column.text("now"),
                        Column.prose("a running consumer takes it")));
        for (SettingChange change : changed) {
            table.add(Arrays.asList(
                    change.setting().column(),
                    change.oldValue().orElse(null),
                    change.newValue().orElse(null),
                    Settings.when(change.effect())));
        }
        output.print(table);
        changed.stream()
                .filter(change -> change.setting() == ConsumerSetting.CONSUMER_GROUP_ID)
                .forEach(this::warnOfTheGroup);
    }

    private void warnOfTheGroup(SettingChange change) {
        CommandSpec spec = requireNonNull(command, "command");
        String group = change.newValue()
                .map(name -> "group " + name)
                .orElse("the group of its code, or else " + service + "-consumer-group");
        spec.commandLine()
                .getErr()
                .println(spec.qualifiedName() + ": warning: with its next start " + service + " is in " + group
                        + ". Positions belong to a group: a new group starts where auto_offset_reset says,"
                        + " by default at the beginning of each topic, and everything is read and applied again."
                        + " offsets show --group shows the positions of a group");
        spec.commandLine().getErr().flush();
    }
}
