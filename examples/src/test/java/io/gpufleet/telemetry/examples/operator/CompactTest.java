package io.gpufleet.telemetry.examples.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.ForkedJvm;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Old days of samples are compacted and shown. */
@TelemetryStackTest
final class CompactTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int SAMPLES = 20_000;

    private final Installation installation;

    CompactTest(TelemetryStack stack) {
        this.installation = new Installation(stack, TelemetrySchema.Builder::gpuSamples);
    }

    @BeforeEach
    void insert() {
        installation.execute("CREATE TABLE telemetry.gpu_sample_20260301 PARTITION OF telemetry.gpu_sample"
                + " FOR VALUES FROM ('2026-03-01 00:00+00') TO ('2026-03-02 00:00+00');"
                + " INSERT INTO telemetry.gpu (gpu_no, uuid) VALUES (1, 'GPU-1');"
                + " INSERT INTO telemetry.gpu_sample SELECT timestamptz '2026-03-01 12:00+00' + n * interval '1 second',"
                + " 0, n, 7, 1, 150, '', 0, 0 FROM generate_series(1, " + SAMPLES + ") AS n");
    }

    @Test
    void compact_tellsWhatItWouldDo_thenDoesIt_thenHasNothingToDo() {
        JsonNode planned =
                installation.run("compact", "--dry-run", "--json").json().get("days");
        assertThat(planned).hasSize(1);
        assertThat(planned.get(0).get("rows").asLong()).isEqualTo(SAMPLES);
        assertThat(installation.rows("SELECT count(*) FROM telemetry.gpu_sample"))
                .containsExactly(Integer.toString(SAMPLES));

        JsonNode before =
                installation.run("storage", "--json").json().get("days").get(0);
        assertThat(before.get("form").asText()).isEqualTo("rows");
        assertThat(before.get("samples").isNull())
                .as("rows that were never counted")
                .isTrue();
        assertThat(before.get("could_save").asLong())
                .isBetween(before.get("bytes").asLong() / 2, before.get("bytes").asLong());

        OperatorRun run = installation.run("compact");
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("Compacted days", "2026-03-01");
        assertThat(run.errors()).contains("2026-03-01 of gpu_sample: 6 of 6 hours of GPUs, 20,000 rows");
        assertThat(installation.rows("SELECT count(*) FROM telemetry.gpu_sample"))
                .containsExactly("0");

        assertThat(installation.run("compact").answer()).isEqualToIgnoringNewLines("Nothing to compact");
        JsonNode day = installation.run("storage", "--json").json().get("days").get(0);
        assertThat(day.get("form").asText()).isEqualTo("compacted");
        assertThat(day.get("samples").asLong()).isEqualTo(SAMPLES);
        assertThat(day.get("saved").asLong()).isPositive();
    }

    @Test
    void compact_withAnHourThatFails_endsWithOne_andStorageShowsIt() {
        installation.execute("ALTER TABLE telemetry.gpu_sample_piece ADD CHECK (samples < 10)");
        OperatorRun run = installation.run("compact");
        assertThat(run.code()).isEqualTo(ExitCodes.NOT_SO);
        assertThat(run.out()).contains("Hours whose rows stay", "violates check constraint");
        OperatorRun storage = installation.run("storage");
        assertThat(storage.code()).isEqualTo(ExitCodes.NOT_SO);
        assertThat(storage.out()).contains("mixed", "GPU-1", "2026-03-01T12:00:00Z");
    }

    @Test
    void compact_whileAnotherProcessDoes_saysSo() {
        installation.execute(
                "INSERT INTO telemetry.gpu_compaction_lease VALUES ('compaction', 'other', now() + interval '1 hour')");
        installation.run("compact").assertFailed(ExitCodes.NOT_SO, "Another process compacts: other");
        assertThat(installation.run("storage").answer()).contains("rows");
    }

    /** A trigger holds the run in its first hour until the program has taken the signal. */
    @Test
    void compact_endedByASignal_finishesItsHourAndGivesItsLeaseBack() {
        installation.execute("CREATE TABLE telemetry.gate AS SELECT 'closed' AS state; CREATE FUNCTION telemetry.wait()"
                + " RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN WHILE EXISTS (SELECT FROM telemetry.gate) LOOP PERFORM"
                + " pg_sleep(0.01); END LOOP; RETURN NULL; END $$; CREATE TRIGGER wait BEFORE INSERT ON"
                + " telemetry.gpu_sample_times FOR EACH STATEMENT EXECUTE FUNCTION telemetry.wait()");
        try (ForkedJvm process = installation.start("compact")) {
            await(
                    "the run is in its first hour",
                    () -> installation
                            .rows("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname ="
                                    + " current_database()")
                            .equals(List.of("1")));
            assertThat(installation.rows("SELECT runner FROM telemetry.gpu_compaction_lease"))
                    .singleElement()
                    .asString()
                    .matches("(?!process)\\S+ pid " + process.pid() + " run [-0-9a-f]{36}");
            process.terminate();
            await(
                    "the program has taken the signal",
                    () -> process.errors().contains("Ending after the current hour of a GPU"));
            installation.execute("DELETE FROM telemetry.gate");
            assertThat(process.awaitExit(LIMIT)).isEqualTo(128 + 15);
            assertThat(process.errors()).last().asString().isEqualTo("Ended by a signal; the next run goes on");
            assertThat(process.output()).anyMatch(line -> line.contains("the job is closed"));
        }
        assertThat(installation.rows("SELECT held_until < now() FROM telemetry.gpu_compaction_lease"))
                .containsExactly("t");
        assertThat(installation.rows("SELECT count(*) FROM telemetry.gpu_sample_piece"))
                .containsExactly("1");
        assertThat(installation.run("compact").out()).contains("2026-03-01");
        assertThat(installation.rows("SELECT count(*) FROM telemetry.gpu_sample_unpacked"))
                .containsExactly(Integer.toString(SAMPLES));
    }

    private static void await(String what, Callable<Boolean> condition) {
        Await.until(what, LIMIT, condition);
    }
}
