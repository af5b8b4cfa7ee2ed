package io.gpufleet.telemetry.examples.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The document of the service, and the page about it, are those of the code; {@code mvn -Popenapi} writes them. */
@TelemetryStackTest
final class OpenApiDocumentTest {
    private static final Path DOCUMENT = Path.of("openapi.yaml");
    private static final Path PAGE = Path.of("..", "..", "docs", "http-api.md");

    @Test
    void document_isThatOfTheCode(TelemetryStack stack) throws IOException {
        Answer answer = RunningApi.shared(stack).calls().get("/v3/api-docs.yaml");
        assertThat(answer.status()).isEqualTo(200);
        isUpToDate(DOCUMENT, answer.text());
        isUpToDate(PAGE, ApiPage.of(answer.text()));
    }

    private static void isUpToDate(Path file, String text) throws IOException {
        if (Boolean.getBoolean("openapi.write")) {
            Files.writeString(file, text);
        }
        assertThat(file)
                .as("%s is not that of the code; run: mvn -Popenapi", file)
                .hasContent(text);
    }
}
