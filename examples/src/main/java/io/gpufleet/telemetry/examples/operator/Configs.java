package io.gpufleet.telemetry.examples.operator;

import picocli.CommandLine.Command;

/** The commands about the settings of services. Immutable. */
@Command(
        name = "configs",
        description = {
            "What is set for the consumers of services, a row a service in pipeline_consumer_configs.",
            "Running consumers take a change by themselves, as far as that is possible."
        },
        subcommands = {ListConfigs.class, ShowConfig.class, ExplainConfig.class, SetConfig.class})
final class Configs {}
