package io.gpufleet.telemetry.examples.operator;

import picocli.CommandLine.Command;

/** The commands that advise. Immutable. */
@Command(
        name = "advise",
        description = "Advises on the settings of services and the partitions of topics.",
        subcommands = {AdviseSettings.class, AdvisePartitions.class})
final class Advise {}
