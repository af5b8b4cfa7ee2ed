package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.Delivery;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One batch on its way through the steps, in its transaction. Belongs to the thread that writes. */
final class WriteContext<T> {
    private final Connection connection;
    private final Batch<T> batch;
    private final Map<String, Integer> leftOut = new LinkedHashMap<>();
    private final Numbers numbers = new Numbers();
    private final List<Runnable> afterCommit = new ArrayList<>();
    private List<Delivery<T>> accepted;
    private int conflicts;

    WriteContext(Connection connection, Batch<T> batch) {
        this.connection = connection;
        this.batch = batch;
        this.accepted = batch.deliveries();
    }

    Connection connection() {
        return connection;
    }

    Batch<T> batch() {
        return batch;
    }

    /** Returns the numbers of the dimension rows that the batch refers to. */
    Numbers numbers() {
        return numbers;
    }

    /** Adds an action to run once the transaction is committed. */
    void afterCommit(Runnable action) {
        afterCommit.add(action);
    }

    /** Runs the actions, since the transaction is committed. */
    void committed() {
        afterCommit.forEach(Runnable::run);
    }

    /** Returns the deliveries that no step has dropped as duplicates, in the order of the batch. */
    List<Delivery<T>> accepted() {
        return accepted;
    }

    void accept(List<Delivery<T>> deliveries) {
        accepted = deliveries;
    }

    /** Counts a row that was left out of a table, since its day is not kept. */
    void leaveOut(PostgresTable<?> table) {
        leftOut.merge(table.name(), 1, Integer::sum);
    }

    /** Returns the number of rows that were left out, by the names of their tables. */
    Map<String, Integer> leftOut() {
        return leftOut;
    }

    /** Counts duplicates whose value differs from that of the row that stays. */
    void conflict(int count) {
        conflicts += count;
    }

    int conflicts() {
        return conflicts;
    }

    int duplicates() {
        return batch.deliveries().size() - accepted.size();
    }
}
