package io.gpufleet.telemetry.examples.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.examples.options.ExitCodes;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The start script runs the service with the packaged jars beside it, from any directory. */
final class ApiScriptIT {
    @Test
    void withoutKeys_saysWhatIsMissing(@TempDir Path directory) throws IOException, InterruptedException {
        Path printed = directory.resolve("printed");
        String script = Path.of("..", "bin", "telemetry-api").toAbsolutePath().toString();
        ProcessBuilder program = new ProcessBuilder(
                        script, "--database-url=postgres://127.0.0.1:1/d", "--bootstrap-server=127.0.0.1:1")
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(printed.toFile());
        program.environment().remove(ApiKeys.VARIABLE);

        int code = program.start().waitFor();

        assertThat(printed).content().startsWith("telemetry-api: no key is configured");
        assertThat(code).isEqualTo(ExitCodes.USAGE);
    }
}
