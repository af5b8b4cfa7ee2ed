package io.gpufleet.telemetry.jdbc.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import io.gpufleet.telemetry.testkit.ForkedJvm;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sessions of the compaction that end at any step: every sample stays there once, and the day does not grow. */
final class CompactionKillsTest {
    private static final Duration PATIENT = Duration.ofMinutes(1);

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    private static CompactionFixture day() {
        return new CompactionFixture(PostgresVersion.POSTGRES_18.gpuDatabase(GpuLayout.NUMBERED))
                .with(CompactionFixture.DAY)
                .insert(2, "2026-03-01 11:50+00", 480);
    }

    private void killAt(CompactionFixture samples, Pause.Step step, int times) throws Exception {
        Pause pause = new Pause(samples.database(), step);
        try (Connection held = pause.hold()) {
            for (int n = 0; n < times; n++) {
                Future<CompactionJob.Result> run = threads.submit(
                        () -> samples.job().lockTimeout(PATIENT).build().runOnce());
                pause.await();
                pause.kill();
                assertThatThrownBy(run::get)
                        .isInstanceOf(ExecutionException.class)
                        .hasCauseInstanceOf(SinkException.class);
            }
            pause.release(held);
        }
        pause.remove();
    }

    @ParameterizedTest
    @EnumSource(Pause.Step.class)
    void runOnce_killedAtAStepLosesAndDoublesNothing(Pause.Step step) throws Exception {
        CompactionFixture samples = day();
        List<String> before = samples.samples();
        killAt(samples, step, 1);
        assertThat(samples.samples()).isEqualTo(before);

        CompactionJob.DayResult day = samples.job().build().runOnce().days().get(0);
        assertThat(day.failures()).isEmpty();
        assertThat(day.waiting()).isEmpty();
        assertThat(samples.samples()).isEqualTo(before);
        assertThat(samples.rows()).isZero();
    }

    /** One hour whose arrays take more bytes than the empty tables of a day. */
    private static CompactionFixture largeHour() {
        CompactionFixture samples = new CompactionFixture(PostgresVersion.POSTGRES_18.gpuDatabase(GpuLayout.NUMBERED))
                .with(CompactionFixture.DAY);
        samples.database()
                .execute("INSERT INTO gpu_sample SELECT timestamptz '2026-03-01 12:00+00' + n * interval '1 second', 0,"
                        + " sqrt(n * metric + 2), 7, 1, metric, '', 0, 0 FROM generate_series(0, 3599) AS n,"
                        + " generate_series(1, 3) AS metric");
        return samples;
    }

    @Test
    void runOnce_killedTwentyTimesInOneHourDoesNotGrowTheDay() throws Exception {
        CompactionFixture undisturbed = largeHour();
        undisturbed.job().build().runOnce();
        CompactionFixture samples = largeHour();
        killAt(samples, Pause.Step.ROWS_DELETED, 20);
        samples.job().build().runOnce();
        assertThat(samples.rows()).isZero();
        assertThat(samples.bytes()).isLessThanOrEqualTo(undisturbed.bytes() * 12 / 10);
    }

    /** The main class of a process that is killed. */
    static final class Compactor {
        private Compactor() {}

        public static void main(String[] arguments) {
            new CompactionFixture(new Database(arguments[0]))
                    .job()
                    .lockTimeout(PATIENT)
                    .build()
                    .runOnce();
        }
    }

    /** The server may notice the end of the process only later, and the lease ends by itself. */
    @ParameterizedTest
    @EnumSource(Pause.Step.class)
    void runOnce_inAKilledProcessLosesAndDoublesNothing(Pause.Step step) throws Exception {
        CompactionFixture samples = day();
        List<String> before = samples.samples();
        Pause pause = new Pause(samples.database(), step);
        try (Connection held = pause.hold();
                ForkedJvm process = ForkedJvm.builder(Compactor.class)
                        .arguments(samples.database().url())
                        .start()) {
            pause.await();
            process.kill();
            pause.release(held);
        }
        pause.awaitEnd();
        pause.remove();
        assertThat(samples.samples()).isEqualTo(before);
        assertThat(samples.job().build().runOnce().heldBy()).isPresent();

        samples.database().execute("UPDATE gpu_compaction_lease SET held_until = now()");
        CompactionJob.DayResult day = samples.job().build().runOnce().days().get(0);
        assertThat(day.failures()).isEmpty();
        assertThat(day.waiting()).isEmpty();
        assertThat(samples.samples()).isEqualTo(before);
        assertThat(samples.rows()).isZero();
    }
}
