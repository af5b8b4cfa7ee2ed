package io.gpufleet.telemetry.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A line of the log names the class that wrote it: each class has a logger of its own, called {@code log}. */
class LoggersTest {
    private static final Pattern LOGGER = Pattern.compile("Logger (\\w+) = LoggerFactory.getLogger\\(([^)]*)\\)");

    @Test
    void loggers_haveTheNameOfTheirClass() {
        List<String> loggers = sources().flatMap(LoggersTest::loggers).toList();

        assertThat(loggers).hasSizeGreaterThan(20);
        assertThat(loggers).allSatisfy(logger -> assertThat(logger).matches("(\\w+): log (\\1)\\.class"));
    }

    private static Stream<Path> sources() {
        return Stream.of("core", "codec", "kafka", "jdbc")
                .map(module -> Path.of("..", "..", "telemetry-" + module, "src", "main", "java"))
                .flatMap(LoggersTest::files);
    }

    private static Stream<Path> files(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
        } catch (IOException e) {
            throw new AssertionError(directory.toString(), e);
        }
    }

    private static Stream<String> loggers(Path source) {
        String type = source.getFileName().toString().replace(".java", "");
        try {
            return LOGGER.matcher(Files.readString(source))
                    .results()
                    .map(found -> type + ": " + found.group(1) + " " + found.group(2));
        } catch (IOException e) {
            throw new AssertionError(source.toString(), e);
        }
    }
}
