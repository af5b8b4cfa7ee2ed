package io.gpufleet.telemetry.jdbc.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.gpufleet.telemetry.jdbc.CapturedLog;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import io.gpufleet.telemetry.testkit.Await;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The thread of the job, and runs in threads of the host, from their start to their end. */
final class CompactionThreadTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration AT_ONCE = Duration.ofSeconds(5);

    private CompactionFixture samples;
    private Database database;
    private StandingThread host;

    @BeforeEach
    void create() {
        samples = new CompactionFixture(PostgresVersion.POSTGRES_18.gpuDatabase(GpuLayout.NUMBERED))
                .with(CompactionFixture.DAY)
                .insert(2, "2026-03-01 11:50+00", 120);
        database = samples.database();
        host = new StandingThread(database);
    }

    @AfterEach
    void stop() {
        host.close();
    }

    /** Returns a job whose run stands after its first hour. */
    private CompactionJob standing() {
        return samples.job().progress(done -> host.stand()).build();
    }

    private static void await(String what, Duration limit, Callable<Boolean> condition) {
        Await.until(what, limit, condition);
    }

    private static List<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("telemetry-compaction"))
                .toList();
    }

    private boolean isLeaseFree() {
        return database.row("SELECT held_until < now() FROM gpu_compaction_lease")
                .equals("t");
    }

    private static void awaitClosed(CompactionJob job) {
        await("the job is closed", LIMIT, () -> {
            try {
                job.dryRun();
                return false;
            } catch (IllegalStateException e) {
                return true;
            }
        });
    }

    @Test
    void start_runsAtOnceAndAgainWheneverTheIntervalHasPassed() {
        try (CompactionJob job = samples.job().every(Duration.ofMillis(5)).build()) {
            job.start();
            await("the day is compacted", LIMIT, () -> samples.rows() == 0);
            samples.insert(1, "2026-03-01 11:50:05+00", 1);
            await("the late samples are, too", LIMIT, () -> samples.rows() == 0);
            assertThat(threads())
                    .singleElement()
                    .satisfies(thread -> assertThat(thread.isDaemon()).isTrue());
        }
        await("the thread has ended", LIMIT, () -> threads().isEmpty());
        assertThat(isLeaseFree()).isTrue();
    }

    @Test
    void start_twiceIsRefused() {
        try (CompactionJob job = samples.job().build()) {
            job.start();
            assertThatIllegalStateException().isThrownBy(job::start).withMessage("Compaction job was started before");
        }
    }

    @Test
    void close_isForGoodAndMayBeRepeated() {
        CompactionJob job = samples.job().build();
        job.start();
        job.close();
        job.close();
        await("the thread has ended", LIMIT, () -> threads().isEmpty());
        assertThatIllegalStateException().isThrownBy(job::runOnce).withMessage("Compaction job is closed");
        assertThatIllegalStateException().isThrownBy(job::dryRun).withMessage("Compaction job is closed");
        assertThatIllegalStateException().isThrownBy(job::start).withMessage("Compaction job is closed");
    }

    /** The thread's run stands in a transaction. */
    @Test
    void close_waitsForTheHourOfTheThread() throws Exception {
        List<String> before = samples.samples();
        Pause pause = new Pause(database, Pause.Step.ARRAYS_WRITTEN);
        CompactionJob job = samples.job().lockTimeout(LIMIT).build();
        try (Connection held = pause.hold()) {
            job.start();
            pause.await();
            Future<?> closing = host.start(job::close);
            awaitClosed(job);
            pause.release(held);
            closing.get();
        }
        assertThat(isLeaseFree()).isTrue();
        assertThat(database.count("gpu_sample_piece")).as("those of one hour").isEqualTo(3);
        assertThat(samples.samples()).isEqualTo(before);
        await("the thread has ended", LIMIT, () -> threads().isEmpty());
    }

    @Test
    void close_waitsForARunInAThreadOfTheHost() throws Exception {
        CompactionJob job = standing();
        Future<CompactionJob.Result> run = host.call(job::runOnce);
        host.awaitStanding();
        Future<?> closing = host.start(job::close);
        awaitClosed(job);
        host.goOn(closing);
        assertThat(isLeaseFree()).isTrue();
        CompactionJob.DayResult day = run.get().days().get(0);
        assertThat(day.samples()).isEqualTo(3 * 60);
        assertThat(day.waiting()).contains("interrupted");
    }

    /** Another process need not wait for the end of the lease then. */
    @Test
    void close_givesTheLeaseOfARunBackThatDoesNotEndInTime() throws Exception {
        CompactionJob job = standing();
        Future<CompactionJob.Result> run = host.call(job::runOnce);
        host.awaitStanding();
        assertThat(isLeaseFree()).isFalse();
        job.end(Duration.ofMillis(1));
        assertThat(isLeaseFree()).isTrue();
        assertThat(run.isDone()).isFalse();
        host.goOn();
        assertThat(run.get().samples()).isEqualTo(3 * 60);
    }

    @Test
    void close_byTheReceiverOfTheProgressDoesNotWaitForItself() {
        CompactionJob[] job = new CompactionJob[1];
        job[0] = samples.job().progress(done -> job[0].close()).build();
        job[0].start();
        await("a run has ended after an hour", AT_ONCE, () -> threads().isEmpty() && samples.rows() == 3 * 180);
        assertThat(isLeaseFree()).isTrue();
    }

    @Test
    void close_interruptedReturnsAtOnceAndStaysInterrupted() throws Exception {
        CompactionJob job = standing();
        Future<CompactionJob.Result> run = host.call(job::runOnce);
        host.awaitStanding();
        Future<Boolean> closing = host.call(() -> {
            Thread.currentThread().interrupt();
            job.close();
            return Thread.interrupted();
        });
        assertThat(closing.get()).isTrue();
        assertThat(run.isDone()).isFalse();
        host.goOn();
        assertThat(run.get().days()).hasSize(1);
        assertThat(isLeaseFree()).isTrue();
    }

    /** As an executor of the host interrupts it at its end. */
    @Test
    void interrupt_doesNotEndARunAndStays() throws Exception {
        CompactionJob job = samples.job()
                .progress(done -> Thread.currentThread().interrupt())
                .build();
        Future<Boolean> run = host.call(() -> {
            assertThat(job.runOnce().samples()).isEqualTo(2 * 3 * 120);
            return Thread.interrupted();
        });
        assertThat(run.get()).isTrue();
        assertThat(samples.rows()).isZero();
        assertThat(isLeaseFree()).isTrue();
    }

    /** A permanent failure is logged at every run, and the next day is compacted all the same. */
    @Test
    void start_goesOnAfterAFailureThatAnOperatorMustMend() {
        database.execute("CREATE TABLE gpu_sample_piece_20260301 (other integer)");
        try (CapturedLog log = new CapturedLog(CompactionJob.class);
                CompactionJob job = samples.job().every(Duration.ofMillis(5)).build()) {
            job.start();
            await(
                    "it is said twice",
                    LIMIT,
                    () -> log.linesWith("Compaction failed; retrying at the next run")
                                    .size()
                            >= 2);
            database.execute("DROP TABLE gpu_sample_piece_20260301");
            await("the day is compacted", LIMIT, () -> samples.rows() == 0);
        }
    }

    /** The lease is held by a run whose session has ended; a transient failure is logged once. */
    @Test
    void start_outlivesItsSessionsAndLogsTheFailureOnce() throws Exception {
        List<String> before = samples.samples();
        Pause pause = new Pause(database, Pause.Step.ROWS_DELETED);
        try (CapturedLog log = new CapturedLog(CompactionJob.class);
                CompactionJob job = samples.job().lockTimeout(LIMIT).build()) {
            try (Connection held = pause.hold()) {
                job.start();
                pause.await();
                pause.kill();
                pause.await();
                pause.kill();
                pause.await();
                pause.release(held);
            }
            await("the day is compacted", LIMIT, () -> samples.rows() == 0);
            assertThat(log.linesWith("Compaction failed; retrying")).hasSize(1);
            assertThat(log.linesWith("terminating connection due to administrator command"))
                    .isNotEmpty();
        }
        assertThat(samples.samples()).isEqualTo(before);
    }
}
