package io.gpufleet.telemetry.examples.operator;

import picocli.CommandLine.Command;

/** The commands about records that were set aside. Immutable. */
@Command(
        name = "dead-letters",
        description = "Records that were set aside, with all the reasons.",
        subcommands = {ListDeadLetters.class, ShowDeadLetter.class, ReplayDeadLetters.class})
final class DeadLetters {}
