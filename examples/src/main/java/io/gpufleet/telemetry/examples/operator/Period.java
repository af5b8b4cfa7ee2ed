package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.jdbc.query.QueryTexts;
import java.time.Instant;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The first and the last time of an answer. A mixin. Not thread-safe. */
final class Period {
    @Option(
            names = "--start-time",
            paramLabel = "<time>",
            description = "The first time, as 2026-01-31T12:00:00Z (default: 24 h before the last one).")
    private Optional<String> start = Optional.empty();

    @Option(
            names = "--end-time",
            paramLabel = "<time>",
            description = "The last time, which is part of the answer (default: now).")
    private Optional<String> end = Optional.empty();

    Optional<Instant> start() {
        return start.map(QueryTexts::startTime);
    }

    Optional<Instant> end() {
        return end.map(QueryTexts::endTime);
    }
}
