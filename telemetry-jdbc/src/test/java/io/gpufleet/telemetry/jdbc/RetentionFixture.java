package io.gpufleet.telemetry.jdbc;

import static io.gpufleet.telemetry.jdbc.Heartbeats.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatInvariant;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.testkit.Await;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.Callable;
import javax.sql.DataSource;

/** A database whose heartbeats are partitioned by day, on the 1st of March 2024. */
final class RetentionFixture implements AutoCloseable {
    static final Instant NOW = Instant.parse("2024-03-01T12:00:00Z");

    private final Database database;
    private final HikariDataSource pool;
    private int partitions;

    RetentionFixture(Database database) {
        this.database = database;
        this.pool = Pools.of(database, 12, settings -> {
            settings.setMinimumIdle(0);
            settings.setConnectionTimeout(60_000);
        });
        TelemetrySchema.builder(pool).partitionedByDay().build().sql().forEach(database::execute);
    }

    Database database() {
        return database;
    }

    static Clock at(Instant now) {
        return Clock.fixed(now, ZoneOffset.UTC);
    }

    /** Returns a pool that is large enough for all at once. */
    DataSource dataSource() {
        return pool;
    }

    /** Returns a job that keeps yesterday and today, and gives up soon. */
    RetentionJob.Builder job() {
        return job(pool);
    }

    RetentionJob.Builder job(DataSource dataSource) {
        return RetentionJob.builder(dataSource)
                .keepDays(1)
                .clock(at(NOW))
                .lockTimeout(Duration.ofMillis(50))
                .retry(RetryPolicy.builder()
                        .initialBackoff(Duration.ofMillis(1))
                        .build());
    }

    /** Returns a job that waits for locks for as long as a test may take. */
    RetentionJob.Builder patientJob() {
        return patientJob(pool);
    }

    RetentionJob.Builder patientJob(DataSource dataSource) {
        return job(dataSource).lockTimeout(Duration.ofSeconds(60));
    }

    /** Writes heartbeats of one client at some times, through its own sink and partition. */
    Feed<Heartbeat> write(String... times) {
        Feed<Heartbeat> feed = Feed.open(HeartbeatSink.create(pool), Feed.partition(partitions++));
        for (String time : times) {
            feed.add(heartbeat(1, 5), Instant.parse(time));
        }
        feed.write();
        return feed;
    }

    /** Creates a partition like another program. */
    void attach(String name, String bounds) {
        database.execute("CREATE TABLE " + name + " PARTITION OF heartbeat "
                + (bounds.equals("DEFAULT") ? "" : "FOR VALUES ") + bounds);
    }

    /** Begins to detach a partition and is interrupted before the end. */
    void detachHalf(String name) throws Exception {
        whileRead("heartbeat", () -> {
            try (Connection connection = database.dataSource().getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("SET statement_timeout = 100");
                return catchThrowable(
                        () -> statement.execute("ALTER TABLE heartbeat DETACH PARTITION " + name + " CONCURRENTLY"));
            }
        });
        assertThat(database.rows("SELECT inhrelid::regclass FROM pg_inherits WHERE inhdetachpending"))
                .containsExactly(name);
    }

    List<String> partitions() {
        return database.rows("SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid"
                + " WHERE i.inhparent = 'heartbeat'::regclass ORDER BY 1");
    }

    LocalDate keptFrom() {
        return LocalDate.parse(database.row("SELECT kept_from FROM heartbeat_retention"));
    }

    List<String> deadLetters() {
        return database.rows("SELECT reasons[1] FROM dead_letters ORDER BY partition, kafka_offset");
    }

    void assertInvariant() {
        assertThat(HeartbeatInvariant.check(pool)).hasToString("Invariant holds");
    }

    /** Waits until a number of sessions wait for a lock. */
    void awaitWaiting(int sessions) {
        Await.until(
                sessions + " sessions wait for a lock",
                Duration.ofSeconds(30),
                () -> database.row("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                        + " AND wait_event_type = 'Lock'"),
                Integer.toString(sessions)::equals);
    }

    /** Runs an action while a transaction that has read a table is open. */
    <R> R whileRead(String table, Callable<R> work) throws Exception {
        return whileOpen("SELECT count(*) FROM " + table, work);
    }

    /** Runs an action between a statement and its commit. */
    <R> R whileOpen(String sql, Callable<R> work) throws Exception {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute(sql);
            R result = work.call();
            connection.commit();
            return result;
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
