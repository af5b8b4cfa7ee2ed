package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.jdbc.internal.SqlFailure;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The steps of a sink, in the order in which they were declared. Thread-safe.
 *
 * @param <T> the type of the values
 */
final class Steps<T> {
    private final List<Step<T>> steps;

    Steps(List<Step<T>> steps) {
        this.steps = List.copyOf(steps);
    }

    /** Whether a value that was written before, alone or among others, changes nothing. */
    boolean isIdempotent() {
        return !steps.isEmpty()
                && steps.get(0).dropsDuplicates()
                && steps.stream().allMatch(Step::isIdempotent);
    }

    /** The tables that they write. */
    List<PostgresTable<?>> tables() {
        return steps.stream().flatMap(step -> step.tables().stream()).toList();
    }

    /** The rights that they need on their tables, separated by commas. */
    Map<TableShape, String> rights(Optional<String> schema) {
        Map<TableShape, String> rights = new LinkedHashMap<>();
        steps.forEach(step ->
                step.tables().forEach(table -> rights.put(TableShape.of(table, schema), step.rightsOn(table))));
        return rights;
    }

    /** Looks at the tables once, before the first batch. */
    void open(Catalog catalog) {
        steps.forEach(step -> step.open(catalog));
    }

    /** Prepares the tables for a batch, in transactions of their own. */
    void prepare(Transactions transactions, Batch<T> batch) {
        steps.forEach(step -> step.prepare(transactions, batch));
    }

    /** Sets deliveries aside that the tables do not take any more. */
    Batch<T> refuse(Connection connection, Batch<T> batch) throws SQLException {
        Batch<T> kept = batch;
        for (Step<T> step : steps) {
            kept = step.refuse(connection, kept);
        }
        return kept;
    }

    /** Writes what the steps make of a batch. */
    Write<T> run(Connection connection, Batch<T> batch) {
        Write<T> write = new Write<>(connection, batch);
        steps.forEach(step -> run(step, write));
        return write;
    }

    @Override
    public String toString() {
        return steps.stream().map(Step::name).collect(Collectors.joining(", "));
    }

    private void run(Step<T> step, Write<T> write) {
        try {
            step.run(write);
        } catch (SQLException e) {
            throw SqlFailure.toSinkException(step.name(), step.blamesRecords(), e);
        }
    }
}
