package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.DeadLetter.Stage;
import java.time.Instant;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The stage and the time of refusal of a dead letter. A mixin. Not thread-safe. */
final class StageAndTime {
    @Option(
            names = "--stage",
            paramLabel = "<stage>",
            description = "Only letters that this stage refused: ${COMPLETION-CANDIDATES}.")
    private Optional<Stage> stage = Optional.empty();

    @Option(
            names = "--since",
            paramLabel = "<instant>",
            description = "Only letters dead-lettered at this time or later, as 2026-01-31T12:00:00Z.")
    private Optional<Instant> since = Optional.empty();

    Optional<Stage> stage() {
        return stage;
    }

    Optional<Instant> since() {
        return since;
    }
}
