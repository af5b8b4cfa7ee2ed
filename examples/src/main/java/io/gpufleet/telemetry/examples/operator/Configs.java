package io.gpufleet.telemetry.examples.operator;

import picocli.CommandLine.Command;

/** The commands about the settings of services. Immutable. */
@Command(
        name = "configs",
        description = {
            "Settings of services, one row for each service in pipeline_consumer_configs.",
            "Running consumers apply most changes by themselves."
        },
        subcommands = {ListConfigs.class, ShowConfig.class, ExplainConfig.class, SetConfig.class})
final class Configs {}
