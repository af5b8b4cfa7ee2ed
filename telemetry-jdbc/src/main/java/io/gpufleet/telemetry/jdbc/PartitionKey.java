package io.gpufleet.telemetry.jdbc;

import java.time.Instant;
import java.util.function.Function;

/**
 * The time by whose UTC day a table may be partitioned. Immutable.
 *
 * @param column the column that holds it
 * @param time takes it out of a row
 * @param retention the table whose column {@code kept_from} holds the first day that is kept
 * @param <R> the type of the rows
 */
record PartitionKey<R>(String column, Function<? super R, Instant> time, String retention) {

    /** The expected shape of the table of retention. */
    TableShape retentionShape() {
        return TableShape.parse(retention, "kept_from date", "");
    }
}
