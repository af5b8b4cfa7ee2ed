package io.gpufleet.telemetry.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.examples.Sql;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.concurrent.CompletionException;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The demonstration with a small fleet: its output, and its reaction to a wrong table. */
@TelemetryStackTest
final class QuickstartTest {
    private static final SimulatedFleet FLEET = SimulatedFleet.ofLastDay(20, 144);

    private static final Printed FIRST_RUN = new Printed();
    private static DataSource database;
    private static boolean proven;

    @BeforeAll
    static void run(TelemetryStack stack) throws Exception {
        database = stack.newDatabase().dataSource();
        StepLog steps = new StepLog(FIRST_RUN.stream, System::nanoTime);
        Demonstration demonstration = new Demonstration(stack, database, FIRST_RUN.stream, steps);
        demonstration.publishAndConsume(FLEET);
        demonstration.report();
        proven = demonstration.proves(FLEET);
    }

    @Test
    void wholeRun_isProven() {
        assertThat(proven).isTrue();
        assertThat(FIRST_RUN.text()).endsWith("All checks hold." + System.lineSeparator());
    }

    @Test
    void everyTable_isShown() {
        assertThat(FIRST_RUN.text())
                .contains("Published 2,880 heartbeats of 20 machines over 24 hours, one every 10 minutes from each")
                .containsPattern("consuming +heartbeats/s +lag in records +batches +dead letters +health")
                .containsPattern("[0-9.]+ s +[0-9,]+ +0 +[0-9,]+ +[0-9]+ +UP")
                .containsPattern("all models +20 +[0-9]+ +[0-9,]+ GB")
                .contains("Days (UTC)")
                .containsPattern("[0-9a-f]{12} +[1-8] +[0-9.]+ %")
                .containsPattern("[0-9a-f]{12} +[0-7] +(NVIDIA|AMD) .* [0-9]+ C +[0-9.]+ C +[0-9]+ %")
                .containsPattern("[0-9]+ +decode +.* at byte [0-9]+ +client-heartbeats-[0-3]:[0-9]+")
                .containsPattern("[0-9]+ +validate +.* client-heartbeats-[0-3]:[0-9]+")
                .contains("Invariant holds");
    }

    @Test
    void tables_haveNoCellsThatAreMissing() {
        assertThat(FIRST_RUN.text()).doesNotContain("null", "NaN", "DIFFERS");
    }

    @Test
    void corruptedStatistic_isFound() throws SQLException {
        corrupt("UPDATE client_daily_stats SET sum_cpu_usage = sum_cpu_usage + 1 WHERE id = 1");

        assertThat(proofNow()).contains("The invariant DOES NOT HOLD", "sum_cpu_usage is ", "NOT all checks hold.");
    }

    @Test
    void lostDeadLetter_isFound() throws SQLException {
        corrupt("DELETE FROM dead_letters WHERE id = (SELECT min(id) FROM dead_letters WHERE stage = 'decode')");

        assertThat(proofNow())
                .containsPattern("damaged records, as dead letters +[0-9]+ +[0-9]+  DIFFERS")
                .contains("NOT all checks hold.");
    }

    @Test
    void failure_isOneLineAndNoSuccess() {
        Printed printed = new Printed();
        Exception failure =
                new CompletionException(new IllegalStateException("no room\non disk", new SQLException("full")));

        int code = Quickstart.exitCode(printed.stream, () -> {
            throw failure;
        });

        assertThat(code).isEqualTo(1);
        assertThat(printed.text().strip()).isEqualTo("Quickstart failed: no room on disk; because: SQLException: full");
    }

    @Test
    void checkThatDoesNotHold_isNoSuccess() {
        assertThat(Quickstart.exitCode(new Printed().stream, () -> false)).isEqualTo(1);
        assertThat(Quickstart.exitCode(new Printed().stream, () -> true)).isZero();
    }

    private static String proofNow() throws SQLException {
        Printed printed = new Printed();
        assertThat(new Proof(database, FLEET).print(printed.stream)).isFalse();
        return printed.text();
    }

    private static void corrupt(String sql) throws SQLException {
        assertThat(Sql.execute(database, sql)).isEqualTo(1);
    }

    private static final class Printed {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8);

        String text() {
            return bytes.toString(StandardCharsets.UTF_8);
        }
    }
}
