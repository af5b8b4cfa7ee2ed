package io.gpufleet.telemetry.jdbc.query;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A part of an answer. Immutable.
 *
 * @param rows the rows, in the order of the question; unmodifiable
 * @param next the place to go on from; absent after the last row
 * @param total the number of rows of the whole answer; absent unless it was asked for
 * @param <R> the rows
 */
public record Page<R>(List<R> rows, Optional<Cursor> next, OptionalLong total) {
    /**
     * Copies the list.
     *
     * @param rows as the component
     * @param next as the component
     * @param total as the component
     */
    public Page {
        rows = List.copyOf(rows);
        requireNonNull(next, "next");
        requireNonNull(total, "total");
    }
}
