package io.gpufleet.telemetry.examples.operator;

import picocli.CommandLine.Command;

/** The commands about positions. Immutable. */
@Command(
        name = "offsets",
        description = {
            "Where the groups stand.",
            "These positions lie in the database: kafka-consumer-groups shows what follows behind, and cannot move them."
        },
        subcommands = {ShowOffsets.class, ResetOffsets.class, MoveCluster.class})
final class Offsets {}
