package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.OffsetRange;
import io.gpufleet.telemetry.RefusedException;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SinkException.Kind;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The search for the values of a batch that the database refuses, by halves after savepoints. The transaction must be
 * rolled back afterwards: the batch is written again without these values. A consumer divides its batches by itself
 * down to one record, other sources do not. Used once, by the thread that writes.
 *
 * @param <T> the type of the values
 */
final class RefusedValues<T> {
    /** The limit of refused values that one search finds; the next attempt to write finds the next ones. */
    private static final int MOST = 100;

    /** The limit of single values that are tried before the whole batch is refused. */
    private static final int MOST_PROBES = 1_000;

    private final Connection connection;
    private final Steps<T> steps;
    private final OffsetRange range;
    private final List<DeadLetter> refused = new ArrayList<>();
    private boolean someWentIn;

    private RefusedValues(Connection connection, Steps<T> steps, OffsetRange range) {
        this.connection = connection;
        this.steps = steps;
        this.range = range;
    }

    /**
     * Returns whether a failure may be the fault of some values of a batch.
     *
     * @param isOfConsumer whether batches of several records are divided first
     */
    static boolean mayExplain(SinkException failure, Batch<?> batch, boolean isOfConsumer) {
        boolean blamesRecords = failure.kind() == Kind.DATA || failure.kind() == Kind.FATAL_PERHAPS_DATA;
        boolean isUndivided =
                isOfConsumer ? batch.deliveredRecords() == 1 : batch.ranges().size() == 1;
        return blamesRecords && isUndivided && batch.values() > 1;
    }

    /**
     * Searches for the refused values.
     *
     * @param batch a batch with one record, or of one partition
     * @param failure the reason why the whole batch was refused
     * @return the exception to throw: some or all of the refused values, or {@code failure} if none of the values is at
     *     fault alone
     */
    static <T> RuntimeException search(Connection connection, Steps<T> steps, Batch<T> batch, SinkException failure)
            throws SQLException {
        Delivery<T> first = batch.deliveries().get(0);
        OffsetRange range = batch.ranges().stream()
                .filter(candidate -> candidate.partition().equals(first.partition()))
                .findFirst()
                .orElseThrow();
        RefusedValues<T> search = new RefusedValues<>(connection, steps, range);
        if (!search.halves(batch.deliveries())) {
            search.probe(batch.deliveries());
        }
        return search.someWentIn && !search.refused.isEmpty() ? new RefusedException(search.refused) : failure;
    }

    /** Looks for a value that goes in, from the end: many refused ones may come first. */
    private void probe(List<Delivery<T>> values) throws SQLException {
        int probes = Math.min(values.size(), MOST_PROBES);
        for (int i = probes; i > 0 && !someWentIn; i--) {
            int place = (int) ((long) i * values.size() / probes) - 1;
            attempt(values.subList(place, place + 1));
        }
    }

    /** Tries both halves; returns false if as many values are refused as one search finds. */
    private boolean halves(List<Delivery<T>> values) throws SQLException {
        int half = values.size() / 2;
        return tryOut(values.subList(0, half)) && tryOut(values.subList(half, values.size()));
    }

    private boolean tryOut(List<Delivery<T>> values) throws SQLException {
        Optional<SinkException> failure = attempt(values);
        if (failure.isEmpty()) {
            return true;
        }
        return values.size() > 1 ? halves(values) : refuse(values.get(0), failure.get());
    }

    /** Writes values, and returns why they do not go in; absent if they do. */
    private Optional<SinkException> attempt(List<Delivery<T>> values) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            steps.run(connection, batch(values));
            connection.releaseSavepoint(before);
            someWentIn = true;
            return Optional.empty();
        } catch (SinkException e) {
            if (e.kind() != Kind.DATA && e.kind() != Kind.FATAL_PERHAPS_DATA) {
                throw e;
            }
            connection.rollback(before);
            return Optional.of(e);
        }
    }

    private boolean refuse(Delivery<T> value, SinkException failure) {
        String reason = "value " + value.index() + ": " + failure.getMessage();
        refused.add(new DeadLetter(value.source(), DeadLetter.Stage.WRITE, List.of(reason), List.of(value.index())));
        return refused.size() < MOST;
    }

    private Batch<T> batch(List<Delivery<T>> values) {
        Batch.Builder<T> part = Batch.builder();
        part.open(range.partition(), range.log(), values.get(0).offset());
        values.forEach(part::add);
        return part.build();
    }
}
