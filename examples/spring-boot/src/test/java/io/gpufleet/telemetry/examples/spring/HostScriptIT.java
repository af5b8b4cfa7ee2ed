package io.gpufleet.telemetry.examples.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The start script runs the application with the packaged jars beside it, from any directory. */
final class HostScriptIT {
    @Test
    void withoutSettings_namesTheOneThatIsMissing(@TempDir Path directory) throws IOException, InterruptedException {
        Path printed = directory.resolve("printed");

        int code = new ProcessBuilder(Path.of("..", "bin", "spring-boot-host")
                        .toAbsolutePath()
                        .toString())
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(printed.toFile())
                .start()
                .waitFor();

        assertThat(printed)
                .content()
                .contains("APPLICATION FAILED TO START", "telemetry.bootstrap-servers: missing; host:port");
        assertThat(code).isEqualTo(1);
    }
}
