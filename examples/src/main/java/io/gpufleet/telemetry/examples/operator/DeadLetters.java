package io.gpufleet.telemetry.examples.operator;

import picocli.CommandLine.Command;

/** The commands about dead letters. Immutable. */
@Command(
        name = "dead-letters",
        description = "Dead letters, with their reasons.",
        subcommands = {ListDeadLetters.class, ShowDeadLetter.class, ReplayDeadLetters.class})
final class DeadLetters {}
