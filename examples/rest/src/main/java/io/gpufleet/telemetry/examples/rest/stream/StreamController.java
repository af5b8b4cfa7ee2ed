package io.gpufleet.telemetry.examples.rest.stream;

import io.gpufleet.telemetry.examples.rest.http.ProblemException;
import io.gpufleet.telemetry.examples.rest.http.QueryParameter;
import io.gpufleet.telemetry.examples.rest.http.Question;
import io.gpufleet.telemetry.examples.rest.http.Takes;
import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.jdbc.query.GpuQueries;
import io.gpufleet.telemetry.jdbc.query.LatestQuery;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/** The answer without an end: samples as they come. Thread-safe. */
@RestController
@Tag(name = "stream", description = "Samples as they come")
final class StreamController {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

    private final SampleStreams streams;
    private final GpuQueries queries;

    StreamController(SampleStreams streams, GpuQueries queries) {
        this.streams = streams;
        this.queries = queries;
    }

    @GetMapping(path = "/api/v1/stream", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    @Operation(
            summary = "Streams samples as server-sent events",
            description = "Events `sample`, whose data are a sample as in /telemetry, and `gap`, whose data are"
                    + " partition, from, to and reason. Their id resumes the stream as Last-Event-ID.",
            responses =
                    @ApiResponse(
                            responseCode = "200",
                            description = "Events until the client leaves",
                            content =
                                    @Content(
                                            mediaType = MediaType.TEXT_EVENT_STREAM_VALUE,
                                            schema = @Schema(type = "string"))))
    @Takes({QueryParameter.GPU, QueryParameter.METRICS, QueryParameter.METRIC_NAME, QueryParameter.OLD_METRIC_NAME})
    void stream(
            Question question,
            @Parameter(description = "The id of the last event that the client saw; without one, live from now")
                    @RequestHeader(name = "Last-Event-ID", required = false)
                    @Nullable
                    String lastId,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        SampleFilter filter = new SampleFilter(question.text(QueryParameter.GPU), metrics(question));
        if (HttpMethod.HEAD.matches(request.getMethod())) {
            SampleStreams.describe(response);
            return;
        }
        try {
            streams.begin(request, response, new StreamClient.Wish(filter, Optional.ofNullable(lastId)));
        } catch (TooManyStreamsException e) {
            throw ProblemException.unavailable(String.valueOf(e.getMessage()), RETRY_AFTER);
        }
    }

    private Set<String> metrics(Question question) {
        return question
                .texts(QueryParameter.METRICS, QueryParameter.METRIC_NAME, QueryParameter.OLD_METRIC_NAME)
                .stream()
                .map(this::metric)
                .collect(Collectors.toSet());
    }

    /** Only the database knows the metrics that are not in the catalogue. */
    private String metric(String name) {
        if (GpuMetric.known(name).isEmpty()) {
            queries.latest(
                    LatestQuery.ofAllGpus(name).maxAge(Duration.ofSeconds(1)).build());
        }
        return GpuMetric.named(name).name();
    }
}
