package io.gpufleet.telemetry.examples.rest.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gpufleet.telemetry.examples.rest.http.Problem;
import io.gpufleet.telemetry.examples.rest.http.ProblemException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The answer to those who bring samples. Thread-safe. */
@RestController
@Tag(name = "ingest", description = "Samples for Kafka")
final class IngestController {
    private static final int UNSUPPORTED = 415;
    private static final Duration RETRY_AFTER = Duration.ofSeconds(5);
    private static final String CHARSET = "charset";

    private final SampleIntake intake;

    IngestController(SampleIntake intake) {
        this.intake = intake;
    }

    @PostMapping(
            path = {"/telemetry", "/api/v1/telemetry"},
            consumes = MediaType.APPLICATION_JSON_VALUE,
            produces = MediaType.APPLICATION_JSON_VALUE)
    @ResponseStatus(HttpStatus.ACCEPTED)
    @Operation(
            summary = "Takes samples for Kafka",
            description =
                    "One sample or an array of at most 1,000, at most 1 MiB, plain or with Content-Encoding: gzip."
                            + " The good ones are acknowledged by Kafka when the answer comes; the others are listed.",
            requestBody =
                    @RequestBody(
                            required = true,
                            content =
                                    @Content(
                                            mediaType = MediaType.APPLICATION_JSON_VALUE,
                                            schema = @Schema(oneOf = {PostedSample.class, PostedSample[].class}))),
            responses = {
                @ApiResponse(
                        responseCode = "202",
                        description = "What has become of them",
                        content =
                                @Content(
                                        mediaType = MediaType.APPLICATION_JSON_VALUE,
                                        schema = @Schema(implementation = Receipt.class))),
                @ApiResponse(
                        responseCode = "413",
                        description = "More than 1,000 samples, or more than 1 MiB",
                        content =
                                @Content(
                                        mediaType = Problem.MEDIA_TYPE,
                                        schema = @Schema(implementation = Problem.class))),
                @ApiResponse(
                        responseCode = "415",
                        description = "Neither plain nor gzip, or no JSON in UTF-8",
                        content =
                                @Content(
                                        mediaType = Problem.MEDIA_TYPE,
                                        schema = @Schema(implementation = Problem.class)))
            })
    Receipt take(HttpServletRequest request) throws IOException, InterruptedException {
        requireUtf8(request);
        boolean isPacked = isPacked(request);
        try {
            byte[] body = SampleBody.read(request.getInputStream(), request.getContentLengthLong(), isPacked);
            return intake.take(body);
        } catch (RefusedBodyException e) {
            throw new ProblemException(e.status(), String.valueOf(e.getMessage()));
        } catch (UnacknowledgedException e) {
            throw ProblemException.unavailable(String.valueOf(e.getMessage()), RETRY_AFTER);
        }
    }

    private static void requireUtf8(HttpServletRequest request) {
        String charset = MediaType.parseMediaType(request.getContentType()).getParameter(CHARSET);
        if (charset != null && !charset.replace("\"", "").equalsIgnoreCase(UTF_8.name())) {
            throw new ProblemException(UNSUPPORTED, "body in " + charset + " is not read; allowed: UTF-8");
        }
    }

    private static boolean isPacked(HttpServletRequest request) {
        List<String> encodings = Collections.list(request.getHeaders("Content-Encoding"));
        String encoding = String.join(",", encodings).strip().toLowerCase(Locale.ROOT);
        return switch (encoding) {
            case "", "identity" -> false;
            case "gzip", "x-gzip" -> true;
            default ->
                throw new ProblemException(UNSUPPORTED, "body packed as " + encoding + " is not read; allowed: gzip")
                        .with("Accept-Encoding", "gzip");
        };
    }
}
