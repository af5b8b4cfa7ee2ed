package io.gpufleet.telemetry.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The thread of the job, from its start to its end. */
final class RetentionThreadTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private RetentionFixture days;

    @BeforeEach
    void create() {
        days = new RetentionFixture(PostgresVersion.POSTGRES_18.emptyDatabase());
    }

    @AfterEach
    void close() {
        days.close();
    }

    @Test
    void start_runsAgainWheneverTheIntervalHasPassed() {
        days.write("2024-02-28T12:00:00Z", "2024-02-29T12:00:00Z", "2024-03-01T12:00:00Z");
        AtomicReference<Instant> now = new AtomicReference<>(RetentionFixture.NOW);
        InstantSource source = now::get;
        try (RetentionJob job = days.patientJob()
                .clock(source.withZone(ZoneOffset.UTC))
                .every(Duration.ofMillis(5))
                .build()) {
            job.start();
            await("a day is dropped", () -> days.partitions().size() == 2);
            now.set(RetentionFixture.NOW.plus(Duration.ofDays(1)));
            await("another day is dropped", () -> days.partitions().size() == 1);
            assertThat(threads())
                    .singleElement()
                    .satisfies(thread -> assertThat(thread.isDaemon()).isTrue());
        }
        await("the thread has ended", () -> threads().isEmpty());
    }

    @Test
    void start_twiceIsRefused() {
        try (RetentionJob job = days.job().build()) {
            job.start();
            assertThatIllegalStateException().isThrownBy(job::start).withMessage("Retention job was started before");
        }
    }

    @Test
    void close_isForGoodAndMayBeRepeated() {
        RetentionJob job = days.job().build();
        job.start();
        job.close();
        job.close();
        await("the thread has ended", () -> threads().isEmpty());
        assertThatIllegalStateException().isThrownBy(job::runOnce).withMessage("Retention job is closed");
        assertThatIllegalStateException().isThrownBy(job::start).withMessage("Retention job is closed");
    }

    /** The server fails while a drop waits in its transaction, and comes back. */
    @Test
    void start_outlivesTheDatabaseAndLogsItsFailureOnce() throws Exception {
        try (PostgresServer server = PostgresServer.builder().start();
                RetentionFixture there =
                        new RetentionFixture(new Database(server.newDatabase().jdbcUrl()));
                CapturedLog log = new CapturedLog(RetentionTurns.class)) {
            there.write("2024-02-27T12:00:00Z", "2024-02-28T12:00:00Z");
            WatchedDataSource watched = new WatchedDataSource(there.database().dataSource());
            try (RetentionJob job = there.patientJob(watched).build();
                    Connection reader = there.database().newConnections().getConnection();
                    Statement statement = reader.createStatement()) {
                reader.setAutoCommit(false);
                statement.execute("SELECT count(*) FROM heartbeat");
                job.start();
                there.awaitWaiting(1);
                server.stop();
                int asked = watched.asked();
                await("connecting has failed again and again", () -> watched.asked() >= asked + 4);
                server.start();
                await("the days are dropped", () -> there.partitions().isEmpty());
            }
            assertThat(there.keptFrom()).isEqualTo("2024-02-29");
            assertThat(log.linesWith("Retention of table \"heartbeat\" failed; retrying"))
                    .hasSize(1);
        }
    }

    /** A permanent failure is logged at every run. */
    @Test
    void start_goesOnAfterAFailureThatAnOperatorMustMend() {
        days.write("2024-02-27T12:00:00Z");
        days.database().execute("CREATE VIEW on_it AS SELECT * FROM heartbeat_20240227");
        try (CapturedLog log = new CapturedLog(RetentionTurns.class);
                RetentionJob job = days.patientJob().every(Duration.ofMillis(5)).build()) {
            job.start();
            await(
                    "it is said twice",
                    () -> log.linesWith("Retention of table \"heartbeat\" failed; retrying at the next run")
                                    .size()
                            >= 2);
            days.database().execute("DROP VIEW on_it");
            await("the day is dropped", () -> days.partitions().isEmpty());
        }
    }

    private static void await(String what, Callable<Boolean> condition) {
        Await.until(what, LIMIT, condition);
    }

    private static List<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("telemetry-retention"))
                .toList();
    }
}
