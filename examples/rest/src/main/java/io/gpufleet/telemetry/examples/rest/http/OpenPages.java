package io.gpufleet.telemetry.examples.rest.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** What needs no key: the two probes, the meters, and the document. Thread-safe. */
@RestController
@Tag(name = "service", description = "The service itself; no key is needed")
final class OpenPages {
    private static final MediaType METERS = MediaType.parseMediaType("text/plain;version=0.0.4;charset=utf-8");

    private final Readiness readiness;
    private final PrometheusMeterRegistry meters;

    OpenPages(Readiness readiness, PrometheusMeterRegistry meters) {
        this.readiness = readiness;
        this.meters = meters;
    }

    /**
     * A state.
     *
     * @param status {@code ok} or {@code ready}
     */
    record State(String status) {}

    @GetMapping(OpenPaths.HEALTH)
    @Operation(operationId = "health", summary = "Tells that the service runs; a restart would help if it does not")
    ResponseEntity<State> health() {
        return state("ok");
    }

    @GetMapping(OpenPaths.READY)
    @Operation(operationId = "ready", summary = "Returns the readiness to answer questions now")
    @ApiResponse(
            responseCode = "200",
            description = "They can",
            content = @Content(schema = @Schema(implementation = State.class)))
    @ApiResponse(
            responseCode = "503",
            description = "They cannot, for these reasons",
            content = @Content(mediaType = Problem.MEDIA_TYPE, schema = @Schema(implementation = Unready.class)))
    ResponseEntity<?> ready() throws InterruptedException {
        List<String> reasons = readiness.reasons();
        return reasons.isEmpty() ? state("ready") : unready(reasons);
    }

    private static ResponseEntity<State> state(String status) {
        return ResponseEntity.ok()
                .cacheControl(CacheControl.noStore())
                .contentType(MediaType.APPLICATION_JSON)
                .body(new State(status));
    }

    /**
     * A problem with its reasons.
     *
     * @param reasons what is in the way
     */
    record Unready(
            String type,
            String title,
            int status,
            String detail,
            @JsonInclude(JsonInclude.Include.ALWAYS) List<String> reasons) {}

    private static ResponseEntity<Unready> unready(List<String> reasons) {
        Problem problem = Problem.of(503, String.join("; ", reasons), null);
        return ResponseEntity.status(503)
                .cacheControl(CacheControl.noStore())
                .header("Retry-After", "2")
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(new Unready(problem.type(), problem.title(), problem.status(), problem.detail(), reasons));
    }

    @GetMapping(OpenPaths.METRICS)
    @Operation(operationId = "meters", summary = "Returns the meters of the service, in the text format of Prometheus")
    @ApiResponse(
            responseCode = "200",
            description = "The meters",
            content = @Content(mediaType = "text/plain", schema = @Schema(type = "string")))
    ResponseEntity<String> metrics() {
        return ResponseEntity.ok()
                .cacheControl(CacheControl.noStore())
                .contentType(METERS)
                .body(meters.scrape());
    }

    @GetMapping(OpenPaths.DOCUMENT)
    @Operation(operationId = "document", summary = "Returns this document")
    @ApiResponse(
            responseCode = "200",
            description = "The document",
            content = @Content(mediaType = "application/yaml", schema = @Schema(type = "string")))
    ResponseEntity<byte[]> document() throws IOException {
        return ResponseEntity.ok()
                .cacheControl(CacheControl.maxAge(Duration.ofMinutes(5)))
                .contentType(MediaType.APPLICATION_YAML)
                .body(new ClassPathResource("openapi.yaml").getContentAsByteArray());
    }
}
