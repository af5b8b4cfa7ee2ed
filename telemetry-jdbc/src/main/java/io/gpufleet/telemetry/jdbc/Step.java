package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.Validator;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A part of a batch's write, after the positions have moved. Thread-safe. */
interface Step<T> {

    /** Returns the subject of the step, for errors. */
    String name();

    /** Returns whether a refused value is a record's own fault, so that the record can be dead-lettered. */
    boolean blamesRecords();

    /** Returns whether a value can be written twice without effect, where an earlier step drops duplicates. */
    default boolean isIdempotent() {
        return true;
    }

    /** Returns whether the step drops duplicates, so that later steps do not see them. */
    default boolean dropsDuplicates() {
        return false;
    }

    /** Returns whether a value can be written twice without effect even if no earlier step drops duplicates. */
    default boolean isRepeatable() {
        return false;
    }

    /** Returns the dimension whose missing rows the step inserts, if it does so. */
    default Optional<Dimension<?>> dimension() {
        return Optional.empty();
    }

    /** Returns the tables that the step writes. */
    List<PostgresTable<?>> tables();

    /** Returns the rights that the step needs on one of its tables, separated by commas. */
    default String rightsOn(PostgresTable<?> table) {
        return Rights.INSERT;
    }

    /** Returns whether the step may write a table with pieces of compacted days, since it looks for rows in them. */
    default boolean looksIntoPieces() {
        return false;
    }

    /** Returns the rights that the step needs on tables besides these, separated by commas. */
    default Map<TableShape, String> furtherRights() {
        return Map.of();
    }

    /** Returns whether a row may depend on which values share a record. */
    default boolean dependsOnRecords() {
        return false;
    }

    /**
     * Reads the shape of the tables once, before the first batch.
     *
     * @param mostDays the number of partitions of a table from which no older days are created
     */
    default void open(Catalog catalog, int mostDays) {}

    /** Prepares the tables for a batch, in a separate transaction. */
    default void prepare(Transactions transactions, Batch<T> batch) {}

    /**
     * Keeps retention out of the tables until the transaction ends, and returns validators for deliveries that the
     * tables no longer take; none if they take all.
     */
    default List<Validator<T>> keepDays(Connection connection) throws SQLException {
        return List.of();
    }

    /** Writes the batch. */
    void run(WriteContext<T> write) throws SQLException;
}
