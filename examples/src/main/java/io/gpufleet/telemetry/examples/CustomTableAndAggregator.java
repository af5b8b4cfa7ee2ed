package io.gpufleet.telemetry.examples;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.Aggregator;
import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.Validator;
import io.gpufleet.telemetry.jdbc.ColumnType;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.PostgresTable;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.BiConsumer;
import javax.sql.DataSource;

/**
 * How do I consume my own records into my own tables? Here: finished jobs, each stored once in {@code job}, and the GPU
 * use of each queue by UTC day in {@code queue_day}. Both are as exact as the heartbeats.
 */
public final class CustomTableAndAggregator {

    /** The tables, created by the host's own migrations. {@code TelemetrySchema} creates those of the positions. */
    public static final String TABLES = """
            CREATE TABLE IF NOT EXISTS job (
                job_id text PRIMARY KEY, queue text NOT NULL, gpu_seconds bigint NOT NULL, ended_at timestamptz NOT NULL);
            CREATE TABLE IF NOT EXISTS queue_day (
                queue text, day date, jobs integer NOT NULL, gpu_seconds bigint NOT NULL, longest bigint NOT NULL,
                last_job_at timestamptz NOT NULL, last_job text NOT NULL, PRIMARY KEY (queue, day))""";

    private CustomTableAndAggregator() {}

    /**
     * Starts a consumer of jobs.
     *
     * @param bootstrapServers the brokers to ask first
     * @param topic the topic of the jobs
     * @param database the database of the tables
     * @return a running consumer, which the caller closes
     */
    public static BatchingConsumer start(String bootstrapServers, String topic, DataSource database) {
        PostgresSink<Job> sink = PostgresSink.<Job>builder(database)
                .insertOnce(JOB)
                .fold(new PerQueueAndDay(), QUEUE_DAY)
                .build();
        return BatchingConsumer.builder(new JobCodec(), sink)
                .bootstrapServers(bootstrapServers)
                .topics(topic)
                .groupId("jobs")
                .validator(PLAUSIBLE)
                .closeOnShutdown()
                .start();
    }

    /**
     * Consumes until the process ends, or the consumer fails.
     *
     * @param arguments the brokers to ask first, the topic of the jobs, and the JDBC URL of the database, in which the
     *     tables are created
     * @throws SQLException if they cannot be created
     */
    public static void main(String[] arguments) throws SQLException {
        Arguments.require(arguments, CustomTableAndAggregator.class, "<brokers>", "<topic>", "<JDBC URL>");
        HikariConfig pool = new HikariConfig();
        pool.setJdbcUrl(arguments[2]);
        pool.setMaximumPoolSize(3); // one for each lane, and two
        pool.setConnectionTimeout(5_000); // the wait after which the log names the reason of an outage
        try (var database = new HikariDataSource(pool)) {
            TelemetrySchema.create(database).install();
            try (var connection = database.getConnection();
                    var statement = connection.createStatement()) {
                statement.execute(TABLES);
            }
            try (var consumer = start(arguments[0], arguments[1], database)) {
                consumer.termination().join();
            }
        }
    }

    /**
     * A job that has ended. Immutable.
     *
     * @param id its name
     * @param queue the queue in which it waited
     * @param gpuSeconds its use: seconds times GPUs
     */
    public record Job(String id, String queue, long gpuSeconds) {}

    /** The codec of jobs: {@code id;queue;gpuSeconds} in UTF-8. Thread-safe. */
    private static final class JobCodec implements Codec<Job> {
        @Override
        public int encodedSize(Job job) {
            return bytes(job).length;
        }

        @Override
        public void encode(Job job, ByteBuffer target) {
            target.put(bytes(job));
        }

        @Override
        public Job decode(ByteBuffer source) {
            String[] fields = StandardCharsets.UTF_8.decode(source).toString().split(";", -1);
            if (fields.length != 3) {
                throw new CodecException(fields.length + " fields are not id;queue;gpuSeconds", 0);
            }
            try {
                return new Job(fields[0], fields[1], Long.parseLong(fields[2]));
            } catch (NumberFormatException e) {
                throw new CodecException(
                        "\"" + fields[2] + "\" is not a number", fields[0].length() + fields[1].length() + 2);
            }
        }

        private static byte[] bytes(Job job) {
            return (job.id() + ';' + job.queue() + ';' + job.gpuSeconds()).getBytes(StandardCharsets.UTF_8);
        }
    }

    private static final Validator<Job> PLAUSIBLE = delivery -> delivery.value().gpuSeconds() < 0
            ? List.of("gpuSeconds " + delivery.value().gpuSeconds() + " is negative")
            : List.of();

    private static final PostgresTable<Delivery<Job>> JOB = PostgresTable.<Delivery<Job>>builder("job")
            .key("job_id", ColumnType.TEXT, delivery -> delivery.value().id())
            .keep("queue", ColumnType.TEXT, delivery -> delivery.value().queue())
            .keep("gpu_seconds", ColumnType.BIGINT, delivery -> delivery.value().gpuSeconds())
            .keep("ended_at", ColumnType.TIMESTAMPTZ, Delivery::time)
            .build();

    private static final PostgresTable<QueueDay> QUEUE_DAY = PostgresTable.<QueueDay>builder("queue_day")
            .key("queue", ColumnType.TEXT, QueueDay::queue)
            .key("day", ColumnType.DATE, QueueDay::day)
            .sum("jobs", ColumnType.INTEGER, QueueDay::jobs)
            .sum("gpu_seconds", ColumnType.BIGINT, QueueDay::gpuSeconds)
            .max("longest", ColumnType.BIGINT, QueueDay::longest)
            .max("last_job_at", ColumnType.TIMESTAMPTZ, QueueDay::lastJobAt)
            .newestBy("last_job_at", "last_job", ColumnType.TEXT, QueueDay::lastJob)
            .build();

    /** The use of a queue on a day, by one job or many. Immutable. */
    private record QueueDay(
            String queue, LocalDate day, int jobs, long gpuSeconds, long longest, Instant lastJobAt, String lastJob) {}

    /** The key of {@code queue_day}. */
    private record Key(String queue, LocalDate day) {}

    /** Folds jobs by queue and day; any order and grouping gives the same rows. Thread-safe. */
    private static final class PerQueueAndDay implements Aggregator<Job, Key, QueueDay> {
        @Override
        public void fold(Delivery<Job> delivery, BiConsumer<? super Key, ? super QueueDay> results) {
            Job job = delivery.value();
            LocalDate day = LocalDate.ofInstant(delivery.time(), ZoneOffset.UTC);
            results.accept(
                    new Key(job.queue(), day),
                    new QueueDay(job.queue(), day, 1, job.gpuSeconds(), job.gpuSeconds(), delivery.time(), job.id()));
        }

        @Override
        public QueueDay merge(QueueDay left, QueueDay right) {
            QueueDay newer = right.lastJobAt().isAfter(left.lastJobAt()) ? right : left;
            return new QueueDay(
                    left.queue(),
                    left.day(),
                    left.jobs() + right.jobs(),
                    left.gpuSeconds() + right.gpuSeconds(),
                    Math.max(left.longest(), right.longest()),
                    newer.lastJobAt(),
                    newer.lastJob());
        }
    }
}
