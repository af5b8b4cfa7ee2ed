package io.gpufleet.telemetry.examples.operator;

import picocli.CommandLine.Command;

/** The commands about positions. Immutable. */
@Command(
        name = "offsets",
        description = {
            "Stored positions of groups.",
            "They are in the database: kafka-consumer-groups shows a copy that lags behind, and cannot move them."
        },
        subcommands = {ShowOffsets.class, ResetOffsets.class, MoveCluster.class})
final class Offsets {}
