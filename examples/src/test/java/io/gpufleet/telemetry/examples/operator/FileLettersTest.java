package io.gpufleet.telemetry.examples.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.codec.GpuSampleDecoder;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.gpu.GpuSampleSink;
import io.gpufleet.telemetry.jdbc.gpu.SampleFiles;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dead letters of imported files on the command line. */
@TelemetryStackTest
final class FileLettersTest {
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

    /** Imports a file whose third line cannot be read. */
    private Installation imported() throws IOException {
        Installation installation = new Installation(stack, TelemetrySchema.Builder::gpuSamples);
        Path file = Files.writeString(
                directory.resolve("a.csv"),
                "timestamp,metric_name,uuid,value\n" + row("A", "41") + row("B", "many") + row("C", "43"));
        SampleFiles.builder(
                        installation.dataSource(),
                        GpuSampleSink.builder(installation.dataSource())
                                .schema(Installation.SCHEMA)
                                .build(),
                        GpuSampleDecoder.detecting().build())
                .schema(Installation.SCHEMA)
                .build()
                .importFrom(file);
        return installation;
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
        installation.execute("UPDATE telemetry.dead_letters SET value ="
                + " convert_to(replace(convert_from(value, 'UTF8'), 'many', '42'), 'UTF8')");
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
}
