package io.gpufleet.telemetry.jdbc.gpu;

import static io.gpufleet.telemetry.jdbc.gpu.SampleCsv.BEGIN;
import static io.gpufleet.telemetry.jdbc.gpu.SampleCsv.HEADER;
import static io.gpufleet.telemetry.jdbc.gpu.SampleCsv.decode;
import static io.gpufleet.telemetry.jdbc.gpu.SampleCsv.row;
import static io.gpufleet.telemetry.jdbc.gpu.SampleCsv.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.codec.SampleJsonDecoder;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import io.gpufleet.telemetry.jdbc.gpu.SampleFiles.Imported;
import io.gpufleet.telemetry.testkit.faults.PostgresProxy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;

/** Imports whose database fails for a time, that lose replies, and that run beside others. */
final class ImportFaultsTest {
    @TempDir
    Path directory;

    private Database database;

    @BeforeEach
    void open() {
        database = PostgresVersion.POSTGRES_18.gpuDatabase(GpuLayout.NUMBERED);
    }

    private static SampleFiles.Builder files(DataSource source, Decoder<GpuSample> decoder) {
        return SampleFiles.builder(source, GpuSampleSink.create(source), decoder)
                .chunkRows(100)
                .retry(RetryPolicy.builder()
                        .initialBackoff(Duration.ofMillis(1))
                        .maxBackoff(Duration.ofMillis(1))
                        .build());
    }

    private SampleFiles.Builder files() {
        return files(database.dataSource(), SampleCsv::decode);
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    private void assertStored(int rows) {
        assertThat(database.row("SELECT count(*), count(DISTINCT metric_value), bool_and(ts = TIMESTAMPTZ '" + BEGIN
                        + "' + metric_value * INTERVAL '1 s') FROM gpu_sample"))
                .isEqualTo(rows + "|" + rows + "|t");
    }

    /** Adds a trigger that fails a number of times in the commits behind some rows. */
    private void failBehind(int row, int times, String fault) {
        database.execute("CREATE SEQUENCE failed");
        database.execute("CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                + " IF nextval('failed') <= " + times + " THEN " + fault + "; END IF; RETURN NULL; END $$");
        database.execute("CREATE CONSTRAINT TRIGGER fail AFTER INSERT OR UPDATE ON sample_file_imports"
                + " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.sample_rows > " + row
                + ") EXECUTE FUNCTION fail()");
    }

    private void assertWholeAfterOneImport(Imported imported) {
        assertThat(imported.samples()).isEqualTo(350);
        assertThat(imported.duplicates()).isZero();
        assertThat(imported.fault()).isEmpty();
        assertStored(350);
        assertThat(database.rows("SELECT sample_rows, complete FROM sample_file_imports"))
                .containsExactly("350|t");
    }

    @Test
    void importFrom_triesAgainWhileTheDatabaseFailsForATime() throws IOException {
        failBehind(100, 3, "RAISE EXCEPTION 'busy' USING ERRCODE = '40001'");
        assertWholeAfterOneImport(files().build().importFrom(write("a.csv", HEADER + rows(0, 350))));
        assertThat(database.row("SELECT last_value > 3 FROM failed")).isEqualTo("t");
    }

    @Test
    void importFrom_outlastsAnEndedSession() throws IOException {
        failBehind(200, 2, "PERFORM pg_terminate_backend(pg_backend_pid())");
        assertWholeAfterOneImport(files().build().importFrom(write("a.csv", HEADER + rows(0, 350))));
    }

    @Test
    void importFrom_endsAfterItsAttemptsAndGoesOnLater() throws IOException {
        failBehind(100, 3, "RAISE EXCEPTION 'busy' USING ERRCODE = '40001'");
        Path file = write("a.csv", HEADER + rows(0, 350));
        SampleFiles files = files().maxAttempts(3).build();
        assertThatThrownBy(() -> files.importFrom(file))
                .isInstanceOf(SinkException.class)
                .hasMessageContaining("busy");
        assertStored(100);
        Imported rest = files.importFrom(file);
        assertThat(rest.before()).isEqualTo(100);
        assertThat(rest.samples()).isEqualTo(250);
        assertStored(350);
    }

    @Test
    void importFrom_failsAtOnceIfTheDatabaseCannotBeReached() throws IOException {
        PGSimpleDataSource nowhere = new PGSimpleDataSource();
        nowhere.setUrl("jdbc:postgresql://127.0.0.1:1/nowhere");
        SampleFiles files = files(nowhere, SampleCsv::decode)
                .retry(RetryPolicy.builder()
                        .initialBackoff(Duration.ofHours(1))
                        .maxBackoff(Duration.ofHours(1))
                        .build())
                .build();
        Path file = write("a.csv", HEADER + rows(0, 1));
        assertThatThrownBy(() -> files.importFrom(file)).isInstanceOf(SinkException.class);
    }

    @Test
    void importFrom_endsWhenItsThreadIsInterrupted() throws IOException {
        failBehind(100, 1_000, "RAISE EXCEPTION 'busy' USING ERRCODE = '40001'");
        Path file = write("a.csv", HEADER + rows(0, 350));
        Decoder<GpuSample> interrupting = (source, values) -> {
            if (database.count("gpu_sample") > 0) {
                Thread.currentThread().interrupt();
            }
            decode(source, values);
        };
        SampleFiles files = files(database.dataSource(), interrupting).build();
        assertThatThrownBy(() -> files.importFrom(file))
                .hasMessageContaining("a.csv: import was interrupted while it waited for a retry");
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
        assertThatThrownBy(() -> files.importFrom(file)).hasMessageEndingWith("a.csv: import was interrupted");
        assertThat(Thread.interrupted()).isTrue();
        assertStored(100);
    }

    private Imported importThroughAProxy(Losing losing) throws IOException {
        try (PostgresProxy proxy =
                PostgresProxy.start(PostgresVersion.POSTGRES_18.server().port())) {
            PGSimpleDataSource source = new PGSimpleDataSource();
            source.setUrl(database.url().replaceFirst(":\\d+/", ":" + proxy.port() + "/"));
            Path file = write("a.csv", HEADER + rows(0, 350));
            Imported imported =
                    losing.into(files(source, SampleCsv::decode), proxy).build().importFrom(file);
            assertThat(proxy.lostCommits() + proxy.lostCommitReplies()).isEqualTo(1);
            return imported;
        }
    }

    /** Loses a message of an import. */
    @FunctionalInterface
    private interface Losing {
        SampleFiles.Builder into(SampleFiles.Builder files, PostgresProxy proxy);
    }

    @Test
    void importFrom_findsOutFromThePositionWhatALostReplySaid() throws IOException {
        for (long behind : new long[] {100, 200, 350}) {
            open();
            assertWholeAfterOneImport(importThroughAProxy((files, proxy) -> files.progress(imported -> {
                if (imported.rows() == behind) {
                    proxy.loseCommitReplies(1);
                }
            })));
        }
    }

    @Test
    void importFrom_repeatsACommitThatWasLost() throws IOException {
        for (long behind : new long[] {100, 350}) {
            open();
            assertWholeAfterOneImport(importThroughAProxy((files, proxy) -> files.progress(imported -> {
                if (imported.rows() == behind) {
                    proxy.loseCommits(1);
                }
            })));
        }
    }

    /** Runs another import of the file, to its end, after some chunks of this one. */
    private void assertOvertaken(Path file, int stored, int chunkRows, String more, int rows) {
        AtomicInteger chunks = new AtomicInteger();
        Decoder<GpuSample> overtaken = (source, values) -> {
            if (chunks.getAndIncrement() == stored) {
                append(file, more);
                files().chunkRows(chunkRows).build().importFrom(file);
            }
            decode(source, values);
        };
        SampleFiles first = files(database.dataSource(), overtaken).build();
        assertThatThrownBy(() -> first.importFrom(file))
                .isInstanceOf(TelemetryException.class)
                .isNotInstanceOf(SinkException.class)
                .hasMessageContaining("a.csv: another import has stored the same text up to row ")
                .hasMessageEndingWith(" meanwhile; start this one again");
        assertStored(rows);
        Imported again = files().build().importFrom(file);
        assertThat(again.rows()).isZero();
        assertThat(again.before()).isEqualTo(rows);
        assertThat(database.count("sample_file_imports WHERE NOT complete")).isZero();
    }

    private static void append(Path file, String text) {
        try {
            Files.writeString(file, text, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void importFrom_endsIfAnotherOneOvertakesItInTheSameSteps() throws IOException {
        assertOvertaken(write("a.csv", HEADER + rows(0, 350)), 1, 100, "", 350);
    }

    @Test
    void importFrom_endsIfAnotherOneOvertakesItInOtherSteps() throws IOException {
        assertOvertaken(write("a.csv", HEADER + rows(0, 300)), 0, 150, "", 300);
    }

    @Test
    void importFrom_endsIfAnotherOneOvertakesItWithAGrownText() throws IOException {
        assertOvertaken(write("a.csv", HEADER + rows(0, 300)), 1, 100, rows(300, 420), 420);
    }

    private void importAndEnd(Path file, int row) {
        failBehind(row, 1_000, "RAISE EXCEPTION 'killed'");
        SampleFiles files = files().build();
        assertThatThrownBy(() -> files.importFrom(file)).hasStackTraceContaining("killed");
        database.execute("DROP FUNCTION fail() CASCADE");
        database.execute("DROP SEQUENCE failed");
    }

    @Test
    void importFrom_refusesAnotherFileAlsoIfItBeginsWithACompleteOne() throws IOException {
        files().build().importFrom(write("header.csv", HEADER));
        files().build().importFrom(write("head.csv", HEADER + rows(0, 10)));
        Path file = write("a.csv", HEADER + rows(0, 350));
        importAndEnd(file, 110);
        write("a.csv", HEADER + rows(0, 10) + rows(20, 350));
        SampleFiles files = files().build();
        assertThatThrownBy(() -> files.importFrom(file))
                .hasMessageContaining("a.csv: was another file when row 110 was stored");
        write("a.csv", HEADER + rows(0, 10));
        assertThat(files.importFrom(file).rows()).isZero();
    }

    @Test
    void importFrom_knowsUnfinishedFilesByTheirTextsIfTheirNamesAreExchanged() throws IOException {
        String a = HEADER + rows(0, 350);
        String b = HEADER + rows(400, 750);
        importAndEnd(write("a.csv", a), 200);
        importAndEnd(write("b.csv", b), 100);
        assertThat(files().build().importFrom(write("a.csv", b)).samples()).isEqualTo(250);
        assertThat(files().build().importFrom(write("b.csv", a)).samples()).isEqualTo(150);
        assertStored(700);
    }

    @Test
    void giveUp_letsAnotherFileComeUnderTheName() throws IOException {
        Path file = write("a.csv", HEADER + rows(0, 350));
        SampleFiles files = files().build();
        assertThat(files.giveUp(file)).isEmpty();
        importAndEnd(file, 200);
        Path old = Files.move(file, directory.resolve("old.csv"));
        write("a.csv", HEADER + rows(400, 450));
        assertThatThrownBy(() -> files.importFrom(file)).hasMessageContaining("was another file when row 200");
        assertThat(files.giveUp(file)).hasValue(200);
        assertThat(files.giveUp(file)).isEmpty();
        assertThat(files.importFrom(file).samples()).isEqualTo(50);
        assertThat(files.importFrom(old).samples()).isEqualTo(150);
        assertStored(400);
    }

    @Test
    void importFrom_refusesTheLinesThatTheTableRefuses() throws IOException {
        database.execute("ALTER TABLE gpu_sample ADD CHECK (metric_value <> 7)");
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            text.append("{\"timestamp\":\"" + BEGIN.plusSeconds(i) + "\",\"metric_name\":\"DCGM_FI_DEV_POWER_USAGE\","
                    + "\"uuid\":\"GPU-a\",\"value\":" + i + "}\n");
        }
        Imported imported = files(database.dataSource(), SampleJsonDecoder.create())
                .build()
                .importFrom(write("a.json", text.toString()));
        assertThat(imported.samples()).isEqualTo(19);
        assertThat(imported.refused()).isEqualTo(1);
        assertThat(imported.reasons()).singleElement().asString().matches("line 8: .*violates check constraint.*");
        assertThat(database.count("dead_letters")).isEqualTo(1);
    }

    /** Returns a row for each of some days before the first one, the newest first. */
    private static String days(int count) {
        StringBuilder text = new StringBuilder(HEADER);
        for (int i = 0; i < count; i++) {
            text.append(row(BEGIN.minus(Duration.ofDays(i)), "DCGM_FI_DEV_POWER_USAGE", "GPU-a", i));
        }
        return text.toString();
    }

    @Test
    void importFrom_storesYears() throws IOException {
        Imported imported = files().chunkRows(1_000).build().importFrom(write("a.csv", days(420)));
        assertThat(imported.reasons()).isEmpty();
        assertThat(imported.samples()).isEqualTo(420);
        assertThat(database.count("pg_inherits WHERE inhparent = 'gpu_sample'::regclass"))
                .isEqualTo(420);
    }

    @Test
    void importFrom_refusesDaysBeyondTheMost() throws IOException {
        Imported imported = files().mostDays(20).build().importFrom(write("a.csv", days(60)));
        assertThat(imported.refused()).isPositive();
        assertThat(imported.samples() + imported.refused()).isEqualTo(60);
        assertThat(imported.reasons().get(0)).contains("would be one day too many", "20 partitions or more");
    }
}
