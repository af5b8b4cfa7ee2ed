package io.gpufleet.telemetry.jdbc.monitor;

import io.gpufleet.telemetry.jdbc.internal.ArrayParameters;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import io.gpufleet.telemetry.jdbc.internal.TransactionTimeouts;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The tables {@code consumer_lag_history} and {@code consumer_processing_metrics}: writes samples and deletes old ones.
 * Their times are the database's, since views and others compare them with its clock, so a sample is sent with its age.
 * Thread-safe.
 */
final class SampleTables {
    private static final String LAG = "consumer_lag_history";
    private static final String PROCESSING = "consumer_processing_metrics";
    private static final int MOST_TRIMMED = 10_000;
    private static final String INSERT_LAG = """
            INSERT INTO %s (service_name, consumer_group_id, topic, partition, consumer_offset, log_end_offset, lag,
                "timestamp", behind_ms)
            SELECT ?, ?, s.topic, s.number, s.durable, s.log_end, s.lag, now() - s.age * interval '1 microsecond', s.behind
            FROM unnest(?, ?, ?, ?, ?, ?, ?) AS s(topic, number, durable, log_end, lag, age, behind)""";

    private static final String INSERT_PROCESSING = """
            INSERT INTO %s (service_name, consumer_group_id, batch_size, messages_processed, messages_failed,
                processing_time_ms, messages_per_second, memory_usage_mb, "timestamp", samples_rejected,
                samples_repeated)
            SELECT ?, ?, s.size, s.processed, s.failed, s.millis, s.rate, ?, now() - s.age * interval '1 microsecond',
                s.rejected, s.repeated
            FROM unnest(?, ?, ?, ?, ?, ?, ?, ?)
                AS s(size, processed, failed, millis, rate, age, rejected, repeated)""";

    /** The delete of old rows; rows that another service is deleting are left to it. */
    private static final String TRIM = """
            DELETE FROM %1$s WHERE id IN (
                SELECT id FROM %1$s WHERE "timestamp" < now() - ? * interval '1 ms' LIMIT ? FOR UPDATE SKIP LOCKED)""";

    private final Transactions transactions;
    private final Optional<String> schema;

    SampleTables(DataSource dataSource, Optional<String> schema) {
        this.transactions = new Transactions(dataSource, TransactionTimeouts.ASIDE);
        this.schema = schema;
    }

    /** Writes samples, all or none. */
    void write(String service, String group, SampleBuffer.Samples samples) {
        transactions.call("samples of " + service, connection -> {
            writeLags(connection, service, group, samples.lags());
            writeBatches(connection, service, group, samples.batches());
            return Boolean.TRUE;
        });
    }

    private void writeLags(Connection connection, String service, String group, List<LagSample> lags)
            throws SQLException {
        if (lags.isEmpty()) {
            return;
        }
        try (PreparedStatement insert = connection.prepareStatement(INSERT_LAG.formatted(table(LAG)))) {
            insert.setString(1, service);
            insert.setString(2, group);
            ArrayParameters arrays = new ArrayParameters(connection, insert, 3);
            arrays.set("text", lags, sample -> sample.partition().topic());
            arrays.set("integer", lags, sample -> sample.partition().partition());
            arrays.set("bigint", lags, sample -> sample.lag().durableOffset());
            arrays.set("bigint", lags, sample -> sample.lag().endOffset());
            arrays.set("bigint", lags, sample -> sample.lag().messages());
            arrays.set("bigint", lags, ages(LagSample::nanos));
            arrays.set(
                    "bigint",
                    lags,
                    sample -> sample.lag().behind().map(Duration::toMillis).orElse(null));
            insert.executeUpdate();
        }
    }

    private void writeBatches(Connection connection, String service, String group, List<ProcessingSample> batches)
            throws SQLException {
        if (batches.isEmpty()) {
            return;
        }
        try (PreparedStatement insert = connection.prepareStatement(INSERT_PROCESSING.formatted(table(PROCESSING)))) {
            insert.setString(1, service);
            insert.setString(2, group);
            insert.setLong(3, usedMegabytes());
            ArrayParameters arrays = new ArrayParameters(connection, insert, 4);
            arrays.set("integer", batches, ProcessingSample::batchSize);
            arrays.set("bigint", batches, ProcessingSample::processed);
            arrays.set("bigint", batches, ProcessingSample::failed);
            arrays.set("bigint", batches, ProcessingSample::millis);
            arrays.set("float8", batches, sample -> rate(sample));
            arrays.set("bigint", batches, ages(ProcessingSample::nanos));
            arrays.set("bigint", batches, ProcessingSample::rejected);
            arrays.set("bigint", batches, ProcessingSample::repeated);
            insert.executeUpdate();
        }
    }

    private static @Nullable Double rate(ProcessingSample sample) {
        return sample.recordsPerSecond().isPresent() ? sample.recordsPerSecond().getAsDouble() : null;
    }

    /** Returns the ages of samples now, in microseconds. */
    private static <S> Function<S, @Nullable Object> ages(ToLongFunction<S> nanos) {
        long now = System.nanoTime();
        return sample -> TimeUnit.NANOSECONDS.toMicros(now - nanos.applyAsLong(sample));
    }

    private static long usedMegabytes() {
        Runtime runtime = Runtime.getRuntime();
        return (runtime.totalMemory() - runtime.freeMemory()) >> 20;
    }

    /** Deletes older samples of all services, in transactions of bounded size. */
    void trim(Duration kept) {
        trim(table(LAG), kept);
        trim(table(PROCESSING), kept);
    }

    private void trim(String table, Duration kept) {
        int deleted;
        do {
            deleted = transactions.call(table, connection -> {
                try (PreparedStatement delete = connection.prepareStatement(TRIM.formatted(table))) {
                    delete.setLong(1, kept.toMillis());
                    delete.setInt(2, MOST_TRIMMED);
                    return delete.executeUpdate();
                }
            });
        } while (deleted == MOST_TRIMMED);
    }

    private String table(String name) {
        return Identifier.qualify(schema, name);
    }
}
