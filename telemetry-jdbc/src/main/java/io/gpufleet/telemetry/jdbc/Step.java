package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.Validator;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** A part of a batch's write, after its positions have moved. Thread-safe. */
interface Step<T> {

    /** Returns its subject, for errors. */
    String name();

    /** Returns whether a refused value is a record's own fault, so that the record can be dead-lettered. */
    boolean blamesRecords();

    /** Whether a value that was written before changes nothing, where a step before drops those. */
    default boolean isIdempotent() {
        return true;
    }

    /** Whether it drops values that were written before, so that later steps do not see them. */
    default boolean dropsDuplicates() {
        return false;
    }

    /** The dimension whose missing rows it inserts, if that is what it does. */
    default Optional<Dimension<?>> dimension() {
        return Optional.empty();
    }

    /** The tables that it writes. */
    List<PostgresTable<?>> tables();

    /** The rights that it needs on one of its tables, separated by commas. */
    default String rightsOn(PostgresTable<?> table) {
        return Rights.INSERT;
    }

    /** Looks at the tables once, before the first batch. */
    default void open(Catalog catalog) {}

    /** Prepares the tables for a batch, in a transaction of its own. */
    default void prepare(Transactions transactions, Batch<T> batch) {}

    /**
     * Keeps retention away from the tables until the transaction ends, and returns the faults of deliveries that they
     * do not take any more; none if they take all.
     */
    default List<Validator<T>> keepDays(Connection connection) throws SQLException {
        return List.of();
    }

    /** Writes. */
    void run(WriteContext<T> write) throws SQLException;
}
