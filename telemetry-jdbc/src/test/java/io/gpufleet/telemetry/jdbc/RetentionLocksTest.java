package io.gpufleet.telemetry.jdbc;

import static io.gpufleet.telemetry.jdbc.Heartbeats.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatInvariant;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.testkit.Await;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Retention beside readers, writers and other jobs. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class RetentionLocksTest {
    private static final int WRITERS = 3;
    private static final int BATCHES = 25;
    private static final int PER_BATCH = 4;

    @Parameter
    PostgresVersion version;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private RetentionFixture days;

    @BeforeEach
    void create() {
        days = new RetentionFixture(version.emptyDatabase());
    }

    @AfterEach
    void stop() {
        threads.shutdownNow();
        days.close();
    }

    @Test
    void runOnce_whileAReaderHoldsTheTableDropsNothing() throws Exception {
        days.write("2024-02-27T12:00:00Z", "2024-02-28T12:00:00Z");
        WatchedDataSource watched = new WatchedDataSource(days.dataSource());
        RetentionJob job = days.job(watched).build();
        RetentionJob.Result held = days.whileRead("heartbeat", job::runOnce);

        assertThat(watched.ends()).filteredOn("rollback"::equals).hasSize(5);
        assertThat(held.dropped()).isEmpty();
        assertThat(held.held()).hasValueSatisfying(day -> {
            assertThat(day.table()).isEqualTo("heartbeat_20240227");
            assertThat(day.reason())
                    .isEqualTo("heartbeat_20240227: canceling statement due to lock timeout (SQLSTATE 55P03)");
        });
        assertThat(held.keptFrom()).isEqualTo("1970-01-01").isEqualTo(days.keptFrom());

        RetentionJob.Result free = job.runOnce();
        assertThat(free.dropped()).containsExactly("heartbeat_20240227", "heartbeat_20240228");
        assertThat(free.held()).isEmpty();
        assertThat(days.keptFrom()).isEqualTo("2024-02-29");
    }

    @Test
    void runOnce_whileAReaderHoldsADayDropsThoseBefore() throws Exception {
        days.write("2024-02-26T12:00:00Z", "2024-02-27T12:00:00Z", "2024-02-28T12:00:00Z");
        RetentionJob job = days.job().build();
        RetentionJob.Result held = days.whileRead("heartbeat_20240227", job::runOnce);

        assertThat(held.dropped()).containsExactly("heartbeat_20240226");
        assertThat(held.held().map(RetentionJob.Held::table)).hasValue("heartbeat_20240227");
        assertThat(held.keptFrom()).isEqualTo("2024-02-27").isEqualTo(days.keptFrom());
        assertThat(job.runOnce().dropped()).containsExactly("heartbeat_20240227", "heartbeat_20240228");
    }

    @Test
    void runOnce_withNothingOldWaitsForWritersOnly() throws Exception {
        days.write("2024-03-01T12:00:00Z");
        RetentionJob job = days.job().build();
        assertThat(days.whileRead("heartbeat", job::runOnce).keptFrom()).isEqualTo("2024-02-29");
    }

    @Test
    void runOnce_leavesADayThatIsDetachedWhileItWaits() throws Exception {
        days.write("2024-02-27T12:00:00Z", "2024-02-28T12:00:00Z");
        RetentionJob job = days.patientJob().build();
        String detach = "ALTER TABLE heartbeat DETACH PARTITION heartbeat_20240227";
        Future<RetentionJob.Result> run = days.whileOpen(detach, () -> {
            Future<RetentionJob.Result> running = threads.submit(job::runOnce);
            days.awaitWaiting(1);
            return running;
        });
        assertThat(run.get().dropped()).containsExactly("heartbeat_20240228");
        assertThat(days.database().count("heartbeat_20240227")).isEqualTo(1);
    }

    /** A job that pauses between two attempts holds no lock. */
    @Test
    void runOnce_letsWritersThroughBetweenItsAttempts() throws Exception {
        Feed<Heartbeat> feed = days.write("2024-02-27T12:00:00Z");
        WatchedDataSource watched = new WatchedDataSource(days.dataSource());
        RetentionJob job = days.job(watched)
                .retry(RetryPolicy.builder()
                        .initialBackoff(Duration.ofHours(1))
                        .maxBackoff(Duration.ofHours(1))
                        .build())
                .build();
        Future<RetentionJob.Result> run = days.whileRead("heartbeat", () -> {
            Future<RetentionJob.Result> running = threads.submit(job::runOnce);
            Await.until(
                    "an attempt failed",
                    Duration.ofSeconds(30),
                    () -> watched.ends().contains("rollback"));
            feed.add(heartbeat(1, 7), Instant.parse("2024-02-27T12:00:01Z")).write();
            return running;
        });
        job.close();
        assertThat(run.get().held()).isPresent();
        assertThat(days.database().count("heartbeat")).isEqualTo(2);
    }

    @Test
    void close_endsARunBehindTheDayThatIsBeingDropped() throws Exception {
        days.write("2024-02-27T12:00:00Z", "2024-02-28T12:00:00Z");
        RetentionJob job = days.patientJob().build();
        Future<RetentionJob.Result> run = days.whileRead("heartbeat", () -> {
            Future<RetentionJob.Result> running = threads.submit(job::runOnce);
            days.awaitWaiting(1);
            job.close();
            return running;
        });
        assertThat(run.get().dropped()).containsExactly("heartbeat_20240227");
        assertThat(run.get().keptFrom()).isEqualTo("2024-02-28").isEqualTo(days.keptFrom());
    }

    /** The time of one lock reduces that of the next; and a job that stands still is ended. */
    @Test
    void runOnce_hasOneTimeoutForAllItsLocks() throws Exception {
        days.database().execute("""
                CREATE TABLE seen (lock_timeout text, idle_timeout text);
                CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    INSERT INTO seen SELECT l.setting, i.setting FROM pg_settings AS l, pg_settings AS i
                        WHERE l.name = 'lock_timeout' AND i.name = 'idle_in_transaction_session_timeout';
                    RETURN NEW;
                END $$;
                CREATE TRIGGER see BEFORE UPDATE ON heartbeat_retention FOR EACH ROW EXECUTE FUNCTION see()""");
        days.write("2024-02-28T12:00:00Z");
        RetentionJob job = days.patientJob().build();
        Future<?> run = days.whileOpen("LOCK TABLE heartbeat_retention IN SHARE MODE", () -> {
            Future<?> running = threads.submit(job::runOnce);
            Await.until(
                    "the job has waited for 100 ms",
                    Duration.ofSeconds(30),
                    () -> days.database()
                            .row(
                                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                                            + " AND wait_event_type = 'Lock' AND clock_timestamp() - query_start > interval '100 ms'")
                            .equals("1"));
            return running;
        });
        run.get();
        assertThat(Integer.parseInt(days.database().row("SELECT lock_timeout FROM seen")))
                .isBetween(1, 59_900);
        assertThat(days.database().row("SELECT idle_timeout FROM seen")).isEqualTo("10000");
    }

    /**
     * Two heartbeats of a day that is being dropped wait for the job: one of a sink that knows the day, one of a sink
     * that has yet to create it. When their turn comes, the day is gone and stays gone.
     */
    @Test
    void write_thatHasWaitedForADropIsRefused() throws Exception {
        Feed<Heartbeat> knows = days.write("2024-02-28T12:00:00Z");
        Feed<Heartbeat> makes = days.write("2024-03-01T12:00:00Z");
        RetentionJob job = days.patientJob().build();
        List<Future<?>> waiting = days.whileRead("heartbeat_20240228", () -> {
            List<Future<?>> started = new ArrayList<>();
            started.add(threads.submit(job::runOnce));
            days.awaitWaiting(1);
            started.add(threads.submit(() -> knows.add(heartbeat(2, 1), Instant.parse("2024-02-28T12:00:00Z"))
                    .write()));
            started.add(threads.submit(() -> makes.add(heartbeat(3, 1), Instant.parse("2024-02-28T12:00:00Z"))
                    .write()));
            days.awaitWaiting(3);
            return started;
        });
        for (Future<?> done : waiting) {
            done.get();
        }
        assertThat(days.partitions()).containsExactly("heartbeat_20240301");
        assertThat(days.deadLetters())
                .hasSize(2)
                .containsOnly("beyond retention: 2024-02-28 is before 2024-02-29, the first day that is kept");
        assertThat(days.database().rows("SELECT total_heartbeats FROM client_daily_stats WHERE date < '2024-02-29'"))
                .containsExactly("1");
        days.assertInvariant();
    }

    /**
     * The comparison and its first day are of the same moment, although the day is dropped while the check waits for
     * it.
     */
    @Test
    void check_thatHasWaitedForADropSeesAllOfIt() throws Exception {
        days.write("2024-02-28T12:00:00Z", "2024-03-01T12:00:00Z");
        RetentionJob job = days.patientJob().build();
        Future<HeartbeatInvariant.Result> check = days.whileRead("heartbeat_20240228", () -> {
            threads.execute(job::runOnce);
            days.awaitWaiting(1);
            Future<HeartbeatInvariant.Result> checking =
                    threads.submit(() -> HeartbeatInvariant.check(days.dataSource()));
            days.awaitWaiting(2);
            return checking;
        });
        assertThat(check.get()).hasToString("Invariant holds");
        assertThat(days.partitions()).containsExactly("heartbeat_20240301");
    }

    @Test
    void runOnce_byEightJobsAtOnceDropsEveryDayOnce() throws Exception {
        days.write(IntStream.rangeClosed(24, 29)
                .mapToObj(day -> "2024-02-" + day + "T12:00:00Z")
                .toArray(String[]::new));
        List<Callable<RetentionJob.Result>> jobs = Stream.<Callable<RetentionJob.Result>>generate(
                        () -> days.patientJob().build()::runOnce)
                .limit(8)
                .toList();
        List<String> dropped = new ArrayList<>();
        for (Future<RetentionJob.Result> job : threads.invokeAll(jobs)) {
            assertThat(job.get().held()).isEmpty();
            assertThat(job.get().keptFrom()).isEqualTo("2024-02-29");
            dropped.addAll(job.get().dropped());
        }
        assertThat(dropped).hasSize(5).doesNotHaveDuplicates();
        assertThat(days.partitions()).containsExactly("heartbeat_20240229");
    }

    /** Days pass, two jobs drop them, and writers send heartbeats of all days, including dropped ones. */
    @Test
    void runOnce_whileWritersWriteLosesAndMiscountsNothing() throws Exception {
        List<Future<?>> writing = new ArrayList<>();
        for (int writer = 0; writer < WRITERS; writer++) {
            Feed<Heartbeat> feed = Feed.open(HeartbeatSink.create(days.dataSource()), Feed.partition(writer));
            int client = writer;
            writing.add(threads.submit(() -> writeDaysToAndFro(feed, client)));
        }
        for (int ago = 8; ago > 0; ago--) {
            dropTwice(RetentionFixture.NOW.minus(Duration.ofDays(ago)));
            days.assertInvariant();
        }
        for (Future<?> done : writing) {
            done.get();
        }
        days.assertInvariant();
        assertThat(days.database().rows("SELECT * FROM heartbeat WHERE timestamp < '2024-02-28 00:00:00+00'"))
                .isEmpty();
        int counted = Integer.parseInt(days.database().row("SELECT sum(total_heartbeats) FROM client_daily_stats"));
        assertThat(counted + days.deadLetters().size()).isEqualTo(WRITERS * BATCHES * PER_BATCH);
    }

    private void dropTwice(Instant now) throws Exception {
        RetentionJob.Builder builder = days.patientJob().clock(RetentionFixture.at(now));
        List<Callable<RetentionJob.Result>> jobs = List.of(builder.build()::runOnce, builder.build()::runOnce);
        for (Future<RetentionJob.Result> job : threads.invokeAll(jobs)) {
            assertThat(job.get().held()).isEmpty();
        }
    }

    private static void writeDaysToAndFro(Feed<Heartbeat> feed, int client) {
        for (int batch = 0; batch < BATCHES; batch++) {
            for (int i = 0; i < PER_BATCH; i++) {
                Duration back = Duration.ofDays((batch * 7 + i * 5) % 16);
                feed.add(heartbeat(client, 1), RetentionFixture.NOW.minus(back).plusSeconds(batch));
            }
            feed.write();
        }
    }
}
