package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.jdbc.query.QueryTexts;
import picocli.CommandLine.Option;

/** The most rows of an answer. A mixin. Not thread-safe. */
final class RowLimit {
    @Option(
            names = "--limit",
            paramLabel = "<n>",
            defaultValue = "100",
            description = "The most rows, 1 to 1000 (default: ${DEFAULT-VALUE}).")
    private String limit = "";

    int rows() {
        return QueryTexts.limit(limit);
    }
}
