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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    @ParameterizedTest
    @ValueSource(strings = {"0", "36501"})
    void compact_withDaysOutOfRange_namesTheOption(String days) {
        installation
                .run("compact", "--days", days)
                .assertFailed(ExitCodes.USAGE, "--days: " + days + " is not between 1 and 36500");
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
            assertThat(process.output()).anyMatch(line -> line.contains("interrupted"));
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

    private JsonNode line(String day) {
        for (JsonNode line : installation.run("storage", "--json").json().get("days")) {
            if (line.get("day").asText().equals(day)) {
                return line;
            }
        }
        throw new AssertionError("no line of " + day);
    }

    private long bytes(String partition) {
        return Long.parseLong(installation
                .rows("SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('telemetry." + partition + "')")
                .get(0));
    }

    @Test
    void storage_ofACompactedDayWithALateRow_couldSaveThatRow() {
        installation.run("compact");
        long saved = line("2026-03-01").get("saved").asLong();
        installation.execute(
                "INSERT INTO telemetry.gpu_sample VALUES ('2026-03-01 12:00:00.5+00', 0, 1, 7, 1, 150, ''," + " 0, 0)");
        JsonNode day = line("2026-03-01");
        assertThat(day.get("form").asText()).isEqualTo("mixed");
        assertThat(day.get("could_save").asLong()).isBetween(0L, bytes("gpu_sample_20260301"));
        assertThat(day.get("saved").asLong()).isBetween(saved - 100_000, saved - 1);
        installation.run("compact");
        assertThat(line("2026-03-01").get("saved").asLong()).isBetween(saved - 100_000, saved + 20_000);
    }

    @Test
    void storage_ofADayWithTwoRows_saysWhatItCost() {
        installation.execute("DELETE FROM telemetry.gpu_sample WHERE metric_value > 2");
        installation.execute("VACUUM FULL telemetry.gpu_sample_20260301");
        long before = bytes("gpu_sample_20260301");
        installation.run("compact");
        JsonNode day = line("2026-03-01");
        assertThat(day.get("saved").asLong())
                .isEqualTo(before - day.get("bytes").asLong())
                .isNegative();
    }

    @Test
    void storage_showsPartitionsOfSeveralDays_byTheirBounds() {
        installation.execute("CREATE TABLE telemetry.gpu_sample_february PARTITION OF telemetry.gpu_sample"
                + " FOR VALUES FROM ('2026-02-01 00:00+00') TO ('2026-03-01 00:00+00');"
                + " CREATE TABLE telemetry.gpu_sample_other PARTITION OF telemetry.gpu_sample DEFAULT;"
                + " INSERT INTO telemetry.gpu_sample SELECT ts - interval '20 days', series_key, metric_value, labels_id,"
                + " gpu_no, metric_no, instance, scope, quality FROM telemetry.gpu_sample");
        assertThat(line("2026-03-01").get("bytes").asLong()).isEqualTo(bytes("gpu_sample_20260301"));
        JsonNode february = line("from 2026-02-01 to 2026-03-01");
        assertThat(february.get("bytes").asLong()).isEqualTo(bytes("gpu_sample_february"));
        assertThat(february.get("form").asText()).isEqualTo("rows");
        assertThat(february.get("saved").isNull()).isTrue();
        assertThat(february.get("could_save").asLong())
                .isBetween(
                        february.get("bytes").asLong() / 2,
                        february.get("bytes").asLong());
        JsonNode other = line("default");
        assertThat(other.get("form").asText()).isEqualTo("empty");
        assertThat(other.get("bytes").asLong()).isEqualTo(bytes("gpu_sample_other"));
        assertThat(other.get("could_save").isNull()).isTrue();

        assertThat(installation.run("compact").code()).isZero();
        JsonNode day = line("2026-02-09");
        assertThat(day.get("form").asText()).isEqualTo("compacted");
        assertThat(day.get("saved").isNull())
                .as("bytes before in a partition of several days")
                .isTrue();
        assertThat(line("from 2026-02-01 to 2026-03-01").get("form").asText()).isEqualTo("empty");
        assertThat(installation.run("storage").out()).contains("from 2026-02-01 to 2026-03-01", "default");
    }

    @Test
    void storage_sumsThePartitionsOfADay() {
        installation.execute("CREATE TABLE telemetry.gpu_sample_hashed PARTITION OF telemetry.gpu_sample"
                + " FOR VALUES FROM ('2026-02-20 00:00+00') TO ('2026-02-21 00:00+00') PARTITION BY HASH (gpu_no);"
                + " CREATE TABLE telemetry.gpu_sample_even PARTITION OF telemetry.gpu_sample_hashed"
                + " FOR VALUES WITH (MODULUS 2, REMAINDER 0); CREATE TABLE telemetry.gpu_sample_odd"
                + " PARTITION OF telemetry.gpu_sample_hashed FOR VALUES WITH (MODULUS 2, REMAINDER 1);"
                + " INSERT INTO telemetry.gpu_sample SELECT ts - interval '9 days', series_key, metric_value, labels_id,"
                + " n, metric_no, instance, scope, quality FROM telemetry.gpu_sample, generate_series(1, 4) AS n");
        installation.execute("ANALYZE telemetry.gpu_sample");
        JsonNode before = line("2026-02-20");
        assertThat(before.get("bytes").asLong()).isEqualTo(bytes("gpu_sample_hashed"));
        assertThat(before.get("samples").asLong()).isEqualTo(4 * SAMPLES);
        installation.run("compact");
        JsonNode day = line("2026-02-20");
        assertThat(day.get("form").asText()).isEqualTo("compacted");
        assertThat(day.get("saved").asLong())
                .isEqualTo(before.get("bytes").asLong() - day.get("bytes").asLong());
    }
}
