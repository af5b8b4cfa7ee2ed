package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.examples.options.GroupName;
import picocli.CommandLine.Option;

/** The required consumer group of a command. A mixin. Not thread-safe. */
final class GroupOption {
    @Option(
            names = "--group",
            paramLabel = "<group>",
            converter = GroupName.class,
            required = true,
            description = "The consumer group.")
    private String group = "";

    String name() {
        return group;
    }
}
