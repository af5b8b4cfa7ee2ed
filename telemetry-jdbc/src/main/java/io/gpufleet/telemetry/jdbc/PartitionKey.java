package io.gpufleet.telemetry.jdbc;

import java.time.Instant;
import java.util.function.Function;

/**
 * The time by whose UTC day a table may be partitioned. Immutable.
 *
 * @param column the column that holds it
 * @param time extracts the time from a row
 * @param retention the retention table, whose column {@code kept_from} holds the first day that is kept
 * @param <R> the type of the rows
 */
record PartitionKey<R>(String column, Function<? super R, Instant> time, String retention) {

    /** Returns the expected shape of the retention table. */
    TableShape retentionShape() {
        return TableShape.parse(retention, "kept_from date", "");
    }
}
