package io.gpufleet.telemetry.jdbc.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import io.gpufleet.telemetry.jdbc.RetentionJob;
import io.gpufleet.telemetry.testkit.Await;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Compaction beside readers, writers, retention and other processes. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class CompactionLocksTest {
    private static final Duration LOCK_TIMEOUT = Duration.ofMillis(300);
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final LocalDate TODAY = LocalDate.parse("2026-03-04");

    @Parameter
    PostgresVersion version;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private CompactionFixture samples;
    private Database database;

    @BeforeEach
    void create() {
        samples = new CompactionFixture(version.gpuDatabase(GpuLayout.NUMBERED)).with(CompactionFixture.DAY);
        database = samples.database();
        samples.insert(2, "2026-03-01 11:50+00", 120);
    }

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    private CompactionJob.Builder job() {
        return samples.job().lockTimeout(LOCK_TIMEOUT);
    }

    private static String first(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    private static String pid(Connection connection) {
        try {
            return "pid " + first(connection, "SELECT pg_backend_pid()");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void runOnce_whileAReaderHoldsTheDayKeepsNobodyWaiting() throws Exception {
        samples.with(TODAY);
        List<String> before = samples.samples();
        String hurried = "SET statement_timeout = 2000; ";
        try (Connection reader = database.newConnections().getConnection()) {
            reader.setAutoCommit(false);
            first(reader, "SELECT count(*) FROM gpu_sample_20260301");
            Future<CompactionJob.Result> run =
                    threads.submit(() -> job().build().runOnce());
            for (int n = 0; !run.isDone(); n++) {
                database.execute(hurried + "INSERT INTO gpu_sample VALUES ('2026-03-04 12:00+00', " + n
                        + ", 1, 7, 1, 1, '', 0, 0)");
                database.execute(hurried + "SELECT count(*) FROM gpu_sample");
            }
            CompactionJob.DayResult day = run.get().days().get(0);
            assertThat(day.samples()).isEqualTo(2 * 3 * 120);
            assertThat(day.day()).isEqualTo(CompactionFixture.DAY);
            assertThat(day.waiting())
                    .hasValueSatisfying(reason -> assertThat(reason).contains("55P03", pid(reader)));
            reader.rollback();
        }
        database.execute("DELETE FROM gpu_sample WHERE ts >= '2026-03-04 00:00+00'");
        assertThat(samples.samples()).isEqualTo(before);
        assertThat(job().build().runOnce().days().get(0).waiting()).isEmpty();
    }

    /** As pg_dump does: its snapshot is older than the pieces, so it must still see the rows. */
    @Test
    void runOnce_waitsForAnOlderSnapshotBeforeItTruncates() throws Exception {
        List<String> before = samples.samples();
        try (Connection reader = database.newConnections().getConnection()) {
            reader.setAutoCommit(false);
            reader.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            first(reader, "SELECT count(*) FROM gpu_metric");

            CompactionJob.DayResult day = job().build().runOnce().days().get(0);
            assertThat(day.waiting())
                    .hasValueSatisfying(reason -> assertThat(reason)
                            .startsWith("an older transaction may still see rows of ")
                            .contains(pid(reader)));
            assertThat(first(reader, "SELECT count(*) FROM gpu_sample")).isEqualTo("720");
            assertThat(first(reader, "SELECT count(*) FROM gpu_sample_unpacked"))
                    .isEqualTo("0");
            reader.rollback();
        }
        assertThat(samples.samples()).isEqualTo(before);
        assertThat(database.row("SELECT compacted_at IS NULL FROM gpu_sample_compaction"))
                .isEqualTo("t");
        CompactionJob.DayResult later = job().build().runOnce().days().get(0);
        assertThat(later.waiting()).isEmpty();
        assertThat(later.samples()).isZero();
        assertThat(database.row("SELECT pg_relation_size('gpu_sample_20260301')"))
                .isEqualTo("0");
        assertThat(samples.samples()).isEqualTo(before);
    }

    /** A writer that began before keeps the day closed: it does not look into pieces. */
    @Test
    void runOnce_opensNoDayWhileAnEarlierWriterRuns() throws Exception {
        try (Connection writer = database.newConnections().getConnection()) {
            writer.setAutoCommit(false);
            try (Statement statement = writer.createStatement()) {
                statement.execute("LOCK TABLE gpu_sample_retention IN SHARE MODE");
            }
            CompactionJob.DayResult day = job().build().runOnce().days().get(0);
            assertThat(day.waiting())
                    .hasValueSatisfying(reason -> assertThat(reason).contains("55P03", pid(writer)));
            assertThat(database.count("gpu_sample_compaction")).isZero();
            writer.rollback();
        }
        assertThat(job().build().runOnce().days().get(0).waiting()).isEmpty();
    }

    @Test
    void runOnce_leavesAnHourThatAWriterShares() throws Exception {
        job().build().runOnce();
        samples.insert(2, "2026-03-01 11:50:01+00", 1);
        try (Connection writer = database.newConnections().getConnection()) {
            writer.setAutoCommit(false);
            first(writer, "SELECT 1 FROM gpu_sample_hour WHERE gpu_no = 1 AND hour = '2026-03-01 11:00+00' FOR SHARE");
            CompactionJob.DayResult day = job().build().runOnce().days().get(0);
            assertThat(day.failures()).singleElement().satisfies(failure -> {
                assertThat(failure.gpu()).isEqualTo(1);
                assertThat(failure.reason()).contains("55P03");
            });
            assertThat(day.samples()).isEqualTo(3 * 61);
            writer.rollback();
        }
        assertThat(database.count("gpu_sample_hour WHERE failure IS NOT NULL")).isZero();
        assertThat(job().build().runOnce().samples()).isEqualTo(3 * 61);
    }

    private RetentionJob retention() {
        return RetentionJob.builder(database.dataSource())
                .keepGpuSamples(1)
                .clock(Clock.fixed(CompactionFixture.NOW, ZoneOffset.UTC))
                .lockTimeout(Duration.ofSeconds(5))
                .retry(RetryPolicy.builder()
                        .initialBackoff(Duration.ofMillis(1))
                        .build())
                .build();
    }

    private void assertGone() {
        assertThat(database.rows("SELECT relname FROM pg_class WHERE relname ~ '^gpu_sample_.*2026' AND relkind = 'r'"))
                .isEmpty();
        assertThat(database.count("gpu_sample_compaction")).isZero();
        assertThat(database.count("gpu_sample_hour")).isZero();
        assertThat(samples.samples()).isEmpty();
    }

    @Test
    void runOnce_endsWithADayThatRetentionDropsBetweenTwoHours() {
        CompactionJob.Result result = job().progress(done -> {
                    if (done.done() == 1) {
                        retention().runOnce();
                    }
                })
                .build()
                .runOnce();
        assertThat(result.failures()).isEmpty();
        assertThat(result.samples()).isEqualTo(3 * 60);
        assertGone();
        assertThat(job().build().runOnce().days()).isEmpty();
    }

    @Test
    void runOnce_keepsRetentionOutDuringAnHour() throws Exception {
        Pause pause = new Pause(database, Pause.Step.ARRAYS_WRITTEN);
        try (Connection held = pause.hold()) {
            Future<CompactionJob.Result> run = threads.submit(
                    () -> samples.job().lockTimeout(LIMIT).build().runOnce());
            pause.await();
            Future<RetentionJob.Result> dropped =
                    threads.submit(() -> retention().runOnce());
            Await.until(
                    "retention waits",
                    LIMIT,
                    () -> database.count("pg_locks WHERE NOT granted AND relation = 'gpu_sample_retention'::regclass")
                            == 1);
            pause.release(held);
            assertThat(dropped.get().held()).isEmpty();
            assertThat(run.get().failures()).isEmpty();
        }
        assertGone();
    }

    @Test
    void runOnce_leavesTheWorkToTheProcessWithTheLease() {
        database.execute("INSERT INTO gpu_compaction_lease VALUES ('compaction', 'other', now() + interval '1 hour')");
        CompactionJob.Result result = job().build().runOnce();
        assertThat(result.heldBy())
                .hasValueSatisfying(holder -> assertThat(holder).matches("other, until \\d{4}-.*Z"));
        assertThat(result.days()).isEmpty();
        assertThat(database.count("gpu_sample_compaction")).isZero();

        database.execute("UPDATE gpu_compaction_lease SET held_until = now() - interval '1 second'");
        assertThat(job().build().runOnce().samples()).isEqualTo(720);
        assertThat(database.row("SELECT held_until < now() FROM gpu_compaction_lease"))
                .isEqualTo("t");
    }

    @Test
    void runOnce_stopsWhenItsLeaseIsLost() {
        CompactionJob job = job().progress(done -> database.execute("UPDATE gpu_compaction_lease SET runner = 'other'"))
                .build();
        assertThatThrownBy(job::runOnce)
                .isInstanceOf(TelemetryException.class)
                .hasMessageStartingWith(
                        "Compaction has stopped: its lease of PT5M had ended, and is now held by other, until ");
        assertThat(samples.rows()).isEqualTo(720 - 3 * 60);
        assertThat(database.count("gpu_sample_hour WHERE failure IS NOT NULL")).isZero();
    }
}
