package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.examples.options.TopicName;
import io.gpufleet.telemetry.jdbc.DeadLetterSelection;
import java.time.Instant;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The dead letters of a group to replay; all without a filter. A mixin. Not thread-safe. */
final class LetterFilter {
    @Option(
            names = "--id",
            paramLabel = "<id>",
            description = "Only the letter with this id, as shown by dead-letters list.")
    private Optional<Long> id = Optional.empty();

    @Option(names = "--topic", paramLabel = "<topic>", converter = TopicName.class, description = "Only of this topic.")
    private Optional<String> topic = Optional.empty();

    @Mixin
    private final StageAndTime refused = new StageAndTime();

    @Option(
            names = "--reason",
            paramLabel = "<text>",
            description = "Only letters with a reason that contains this text; case-sensitive.")
    private Optional<String> reason = Optional.empty();

    @Option(names = "--until", paramLabel = "<instant>", description = "Only letters dead-lettered before this time.")
    private Optional<Instant> until = Optional.empty();

    Optional<Long> id() {
        return id;
    }

    /**
     * Returns the selection.
     *
     * @throws IllegalArgumentException if a value is not allowed
     */
    DeadLetterSelection selection() {
        DeadLetterSelection selection = id.map(DeadLetterSelection::one).orElseGet(DeadLetterSelection::all);
        selection = topic.map(selection::topic).orElse(selection);
        selection = refused.stage().map(selection::stage).orElse(selection);
        selection = reason.map(selection::reason).orElse(selection);
        selection = refused.since().map(selection::since).orElse(selection);
        return until.map(selection::until).orElse(selection);
    }
}
