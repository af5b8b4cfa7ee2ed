package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.config.ConsumerSetting;
import io.gpufleet.telemetry.config.InvalidSettingsException;
import io.gpufleet.telemetry.config.SettingChange;
import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.terminal.Column;
import io.gpufleet.telemetry.examples.terminal.Table;
import io.gpufleet.telemetry.jdbc.ConsumerConfigLoader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Changes settings of a service. Not thread-safe. */
@Command(
        name = "set",
        description = {
            "Changes settings of a service, all or none, and makes its row if there is none.",
            "Says when running consumers take each change."
        })
final class SetConfig implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "<service>", description = "The service's name.")
    private String service = "";

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "<setting=value>",
            description = "The settings are the columns that configs show names.")
    private List<String> assignments = new ArrayList<>();

    @Option(names = "--dry-run", description = "Say what would change, and change nothing.")
    private boolean dryRun;

    @Mixin
    private final DatabaseOptions database = new DatabaseOptions();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() {
        Map<String, String> changes = changes();
        List<String> unknown = changes.keySet().stream()
                .filter(column -> ConsumerSetting.ofColumn(column).isEmpty())
                .toList();
        Map<ConsumerSetting, Object> values = values(changes);
        try (ConsumerConfigLoader loader = Settings.loader(database)) {
            if (!unknown.isEmpty()) {
                throw refusal(unknown, violations(loader, values));
            }
            print(dryRun ? loader.dryRun(service, values) : loader.change(service, values));
        } catch (InvalidSettingsException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        return ExitCodes.OK;
    }

    private Map<String, String> changes() {
        Map<String, String> changes = new LinkedHashMap<>();
        for (String assignment : assignments) {
            int equals = assignment.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("\"" + assignment + "\" is not <setting=value>");
            }
            String column = assignment.substring(0, equals);
            if (changes.put(column, assignment.substring(equals + 1)) != null) {
                throw new IllegalArgumentException(column + " is given twice");
            }
        }
        return changes;
    }

    /** The values; a text that is none stays as it is, so that it is refused together with everything else. */
    private static Map<ConsumerSetting, Object> values(Map<String, String> changes) {
        Map<ConsumerSetting, Object> values = new EnumMap<>(ConsumerSetting.class);
        changes.forEach((column, text) ->
                ConsumerSetting.ofColumn(column).ifPresent(setting -> values.put(setting, value(setting, text))));
        return values;
    }

    private static Object value(ConsumerSetting setting, String text) {
        try {
            return setting.parse(text);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    private List<String> violations(ConsumerConfigLoader loader, Map<ConsumerSetting, Object> values) {
        if (values.isEmpty()) {
            return List.of();
        }
        try {
            loader.dryRun(service, values);
            return List.of();
        } catch (InvalidSettingsException e) {
            return e.violations();
        }
    }

    private static IllegalArgumentException refusal(List<String> unknown, List<String> violations) {
        Stream<String> nameless = unknown.stream().map(column -> "\"" + column + "\" is no setting");
        String settings = Arrays.stream(ConsumerSetting.values())
                .map(ConsumerSetting::column)
                .collect(Collectors.joining(", "));
        return new IllegalArgumentException(
                Stream.concat(violations.stream(), nameless).collect(Collectors.joining("; ")) + "; the settings are "
                        + settings);
    }

    private void print(List<SettingChange> changed) {
        Table table = new Table(
                (dryRun ? "Would change of " : "Changed of ") + service,
                List.of(
                        Column.text("setting"),
                        Column.text("before"),
                        Column.text("now"),
                        Column.text("a running consumer takes it")));
        for (SettingChange change : changed) {
            table.add(Arrays.asList(
                    change.setting().column(),
                    change.oldValue().orElse(null),
                    change.newValue().orElse(null),
                    Settings.when(change.effect())));
        }
        output.print(table);
    }
}
