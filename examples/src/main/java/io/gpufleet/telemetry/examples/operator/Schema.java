package io.gpufleet.telemetry.examples.operator;

import picocli.CommandLine.Command;

/** The commands about the tables. Immutable. */
@Command(
        name = "schema",
        description = "The telemetry tables.",
        subcommands = {VerifySchema.class, PrintSchema.class})
final class Schema {}
