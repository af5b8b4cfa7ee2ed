package io.gpufleet.telemetry.examples.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.codec.GpuSampleDecoder;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.gpu.GpuSampleSink;
import io.gpufleet.telemetry.jdbc.gpu.SampleFiles;
import io.gpufleet.telemetry.jdbc.gpu.SampleFiles.Imported;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dead letters of imported files on the command line. */
@TelemetryStackTest
final class FileLettersTest {
    private static final String HEADER = "timestamp,metric_name,uuid,value\n";

    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private final TelemetryStack stack;

    @TempDir
    private Path directory;

    FileLettersTest(TelemetryStack stack) {
        this.stack = stack;
    }

    private String row(String uuid, String value) {
        return now + ",DCGM_FI_DEV_GPU_TEMP," + uuid + "," + value + "\n";
    }

    private Installation installation() {
        return new Installation(stack, TelemetrySchema.Builder::gpuSamples);
    }

    /** Imports a file whose third line cannot be read. */
    private Installation imported() throws IOException {
        Installation installation = installation();
        importFrom(installation, HEADER + row("A", "41") + row("B", "many") + row("C", "43"));
        return installation;
    }

    private Imported importFrom(Installation installation, String text) throws IOException {
        Path file = Files.writeString(directory.resolve("a.csv"), text);
        return SampleFiles.builder(
                        installation.dataSource(),
                        GpuSampleSink.builder(installation.dataSource())
                                .schema(Installation.SCHEMA)
                                .build(),
                        GpuSampleDecoder.detecting().build())
                .schema(Installation.SCHEMA)
                .build()
                .importFrom(file);
    }

    private static void correctLetters(Installation installation) {
        installation.execute("UPDATE telemetry.dead_letters SET value ="
                + " convert_to(replace(convert_from(value, 'UTF8'), 'many', '42'), 'UTF8')");
    }

    private static void assertAllReplayed(Installation installation, int stored) {
        OperatorRun replay = replay(installation);
        assertThat(replay.errors()).isEmpty();
        assertThat(replay.code()).isEqualTo(ExitCodes.OK);
        assertThat(installation.rows("SELECT count(*) FROM telemetry.gpu_telemetry"))
                .containsExactly(String.valueOf(stored));
    }

    /** Returns a text of rows, some of which cannot be read: each one that has a multiple as its number. */
    private static String text(String head, int rows, int everyBad, BiFunction<Integer, String, String> row) {
        return IntStream.range(0, rows)
                .mapToObj(i -> row.apply(i, i % everyBad == 0 ? "many" : "41"))
                .collect(Collectors.joining("", head, ""));
    }

    private Instant time(int row) {
        return now.minusSeconds(row);
    }

    private String csv(int row, String value) {
        return time(row) + ",DCGM_FI_DEV_GPU_TEMP,A," + value + "\n";
    }

    private String exposition(int row, String value) {
        return "DCGM_FI_DEV_GPU_TEMP{gpu=\"0\",UUID=\"A\"} " + value + " "
                + time(row).toEpochMilli() + "\n";
    }

    private String openMetrics(int row, String value) {
        return "DCGM_FI_DEV_GPU_TEMP{gpu=\"0\",UUID=\"A\"} " + value + " "
                + time(row).getEpochSecond() + "\n";
    }

    private String lineProtocol(int row, String value) {
        return "DCGM_FI_DEV_GPU_TEMP,gpu=0,UUID=A gauge=" + value + " "
                + time(row).getEpochSecond() + "000000000\n";
    }

    private void assertAllRefusedRowsComeBack(int rows, int refused, String text) throws IOException {
        Installation installation = installation();
        Imported imported = importFrom(installation, text);
        assertThat(imported.refused()).isEqualTo(refused);
        assertThat(imported.samples()).isEqualTo(rows - refused);
        assertThat(imported.reasons()).hasSize(Math.min(refused, Imported.MOST_REASONS));
        assertThat(installation.rows("SELECT refused FROM telemetry.sample_file_imports"))
                .containsExactly(String.valueOf(refused));
        correctLetters(installation);
        assertAllReplayed(installation, rows);
    }

    private static OperatorRun replay(Installation installation, String... options) {
        return installation.run(
                Stream.concat(Stream.of("dead-letters", "replay", "--group", "sample-files"), Stream.of(options))
                        .toArray(String[]::new));
    }

    @Test
    void letter_isShownWithItsLineInTheFile() throws IOException {
        Installation installation = imported();
        String id = installation.rows("SELECT id FROM telemetry.dead_letters").get(0);
        assertThat(installation.run("dead-letters", "list").answer()).contains("sample-files", "a.csv");
        assertThat(installation.run("dead-letters", "show", id).answer())
                .containsPattern("topic +a\\.csv\n")
                .contains("line 3: value \"many\" is not a number")
                .contains("timestamp,metric_name,uuid,value")
                .contains(",B,many")
                .doesNotContain(",A,41");
    }

    @Test
    void letter_isReplayedWithItsHeaderOnceItCanBeRead() throws IOException {
        Installation installation = imported();
        assertThat(replay(installation).out()).contains("is not a number");
        correctLetters(installation);
        assertThat(replay(installation).code()).isEqualTo(ExitCodes.OK);
        assertThat(installation.rows("SELECT uuid || ' ' || metric_value FROM telemetry.gpu_telemetry ORDER BY uuid"))
                .containsExactly("A 41", "B 42", "C 43");
        assertThat(installation.rows("SELECT count(*) FROM telemetry.dead_letters WHERE replayed_at IS NULL"))
                .containsExactly("0");
    }

    @Test
    void letter_isNotSentToATopic() throws IOException {
        Installation installation = imported();
        installation
                .runWithBroker("dead-letters", "replay", "--group", "sample-files", "--to-topic")
                .assertRefused(ExitCodes.USAGE, "--to-topic: group sample-files has dead letters of files");
    }

    @Test
    void manyRefusedRows_areAllCountedAndReplayed() throws IOException {
        assertAllRefusedRowsComeBack(20_000, 5_000, text(HEADER, 20_000, 4, this::csv));
    }

    @Test
    void nothingButRefusedRows_areAllCountedAndReplayed() throws IOException {
        assertAllRefusedRowsComeBack(3_000, 3_000, text(HEADER, 3_000, 1, this::csv));
    }

    @Test
    void manyRefusedLinesOfText_areAllCountedAndReplayed() throws IOException {
        String type = "# TYPE DCGM_FI_DEV_GPU_TEMP gauge\n";
        assertAllRefusedRowsComeBack(6_000, 1_500, text(type, 6_000, 4, this::exposition));
        assertAllRefusedRowsComeBack(6_000, 1_500, text(type, 6_000, 4, this::openMetrics) + "# EOF\n");
    }

    @Test
    void manyRefusedLinesOfLineProtocol_areAllCountedAndReplayed() throws IOException {
        assertAllRefusedRowsComeBack(6_000, 1_500, lineProtocol(6_000, "41") + text("", 5_999, 4, this::lineProtocol));
    }

    @Test
    void rowsBeyondRetention_areAllReplayedOnceTheirDaysAreKept() throws IOException {
        Installation installation = installation();
        installation.execute("UPDATE telemetry.gpu_sample_retention SET kept_from = CURRENT_DATE - 5");
        String old = text("", 5_000, 5_001, (i, value) -> csv(30 * 86_400 + i, "41"));
        Imported imported = importFrom(installation, text(HEADER, 11, 11, (i, value) -> csv(i, "41")) + old);
        assertThat(imported.samples()).isEqualTo(11);
        assertThat(imported.refused()).isEqualTo(5_000);
        assertThat(imported.rows()).isEqualTo(5_011);
        installation.execute("UPDATE telemetry.gpu_sample_retention SET kept_from = CURRENT_DATE - 400");
        assertAllReplayed(installation, 5_011);
    }
}
