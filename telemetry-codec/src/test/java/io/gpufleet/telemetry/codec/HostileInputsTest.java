package io.gpufleet.telemetry.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@link HostileInputs} in a JVM of its own with a heap of 64 MB. */
class HostileInputsTest {
    private static final long LIMIT_SECONDS = 100;

    @TempDir
    private Path directory;

    @Test
    void decode_throwsNothingButCodecExceptionOnASmallHeap() throws Exception {
        Run run = run();

        assertThat(run.exitCode).as(run.output).isZero();
        assertThat(run.output).matches("(?s)[1-9]\\d+ refused, [1-9]\\d+ decoded\\s*");
    }

    /** The danger is real: without our serializer five bytes are enough. */
    @Test
    void plainKryo_runsOutOfMemoryOnFiveBytes() throws Exception {
        Run run = run(HostileInputs.PLAIN_KRYO);

        assertThat(run.exitCode).isNotZero();
        assertThat(run.output).contains(OutOfMemoryError.class.getName());
    }

    private Run run(String... arguments) throws IOException, InterruptedException {
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder(Stream.of(javaCommand(), List.of(arguments))
                        .flatMap(List::stream)
                        .toList())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Run(process.exitValue(), Files.readString(output));
    }

    private static List<String> javaCommand() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                // A newer JDK warns of Kryo's Unsafe; an older one ignores the option.
                "-XX:+IgnoreUnrecognizedVMOptions",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                HostileInputs.class.getName());
    }

    private record Run(int exitCode, String output) {}
}
