package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.Validator;
import io.gpufleet.telemetry.jdbc.internal.SqlFailure;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The steps of a sink, in the order of their declaration. Thread-safe.
 *
 * @param <T> the type of the values
 */
final class Steps<T> {
    private final List<Step<T>> steps;

    Steps(List<Step<T>> steps) {
        this.steps = List.copyOf(steps);
        requireDimensions();
        requireNoneCompacted();
    }

    /** Refuses a table with pieces in a step that does not look for rows in them. */
    private void requireNoneCompacted() {
        steps.stream()
                .filter(step -> !step.looksIntoPieces())
                .flatMap(step -> step.tables().stream())
                .filter(PostgresTable::isCompactedByHour)
                .findFirst()
                .ifPresent(table -> {
                    throw new IllegalArgumentException(
                            table + " is compacted by hour; only insertOnce, fold and recompute take such a table");
                });
    }

    /** Refuses a column that refers to dimension rows which no earlier step inserts. */
    private void requireDimensions() {
        Set<Dimension<?>> inserted = new HashSet<>();
        for (Step<T> step : steps) {
            for (PostgresTable<?> table : step.tables()) {
                table.requireDimensions(inserted);
            }
            step.dimension().filter(dimension -> !inserted.add(dimension)).ifPresent(twice -> {
                throw new IllegalArgumentException("insertMissing: " + twice + " is inserted twice; give all its rows"
                        + " to one step, so that they are inserted in one order");
            });
        }
    }

    /** Returns whether a value, alone or among others, can be written twice without effect. */
    boolean isIdempotent() {
        List<Step<T>> rows =
                steps.stream().filter(step -> step.dimension().isEmpty()).toList();
        return !rows.isEmpty()
                && (rows.get(0).dropsDuplicates() || rows.stream().allMatch(Step::isRepeatable))
                && steps.stream().allMatch(Step::isIdempotent);
    }

    /** Returns the tables that the steps write. */
    List<PostgresTable<?>> tables() {
        return steps.stream().flatMap(step -> step.tables().stream()).toList();
    }

    /** Returns the rights that the steps need on their tables, separated by commas. */
    Map<TableShape, String> rights(Optional<String> schema) {
        Map<TableShape, String> rights = new LinkedHashMap<>();
        steps.forEach(step -> {
            step.tables().forEach(table -> rights.put(TableShape.of(table, schema), step.rightsOn(table)));
            rights.putAll(step.furtherRights());
        });
        return rights;
    }

    /** Returns whether a row may depend on which values share a record. */
    boolean dependsOnRecords() {
        return steps.stream().anyMatch(Step::dependsOnRecords);
    }

    /**
     * Reads the shape of the tables once, before the first batch.
     *
     * @param mostDays the number of partitions of a table from which no older days are created
     */
    void open(Catalog catalog, int mostDays) {
        steps.forEach(step -> step.open(catalog, mostDays));
    }

    /** Prepares the tables for a batch, in separate transactions. */
    void prepare(Transactions transactions, Batch<T> batch) {
        steps.forEach(step -> step.prepare(transactions, batch));
    }

    /** Returns the deliveries that the tables no longer take, and keeps retention out until the transaction ends. */
    List<DeadLetter> refused(Connection connection, List<Delivery<T>> deliveries) throws SQLException {
        List<Validator<T>> checks = new ArrayList<>();
        for (Step<T> step : steps) {
            checks.addAll(step.keepDays(connection));
        }
        List<DeadLetter> letters = new ArrayList<>();
        if (!checks.isEmpty()) {
            for (Delivery<T> delivery : deliveries) {
                Set<String> reasons = reasons(delivery, checks);
                if (!reasons.isEmpty()) {
                    letters.add(new DeadLetter(
                            delivery.source(),
                            DeadLetter.Stage.VALIDATE,
                            List.copyOf(reasons),
                            List.of(delivery.index())));
                }
            }
        }
        return letters;
    }

    /** Returns the reasons without repetitions, in their order; this runs for every value. */
    private static <T> Set<String> reasons(Delivery<T> delivery, List<Validator<T>> checks) {
        Set<String> reasons = Set.of();
        for (Validator<T> check : checks) {
            List<String> faults = check.validate(delivery);
            if (!faults.isEmpty()) {
                reasons = new LinkedHashSet<>(reasons);
                reasons.addAll(faults);
            }
        }
        return reasons;
    }

    /** Writes the rows of a batch, step by step. */
    WriteContext<T> run(Connection connection, Batch<T> batch) {
        WriteContext<T> write = new WriteContext<>(connection, batch);
        steps.forEach(step -> run(step, write));
        return write;
    }

    /** Returns the names of the tables, each once, in the order in which they are first written. */
    @Override
    public String toString() {
        return tables().stream().map(Steps::nameOf).distinct().collect(Collectors.joining(", "));
    }

    private static String nameOf(PostgresTable<?> table) {
        return table.schema().map(schema -> schema + "." + table.name()).orElse(table.name());
    }

    private void run(Step<T> step, WriteContext<T> write) {
        try {
            step.run(write);
        } catch (SQLException e) {
            throw SqlFailure.toSinkException(step.name(), step.blamesRecords(), e);
        }
    }
}
