package io.gpufleet.telemetry.examples.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpHeaders;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An answer of the service. Immutable. */
public final class Answer {
    /** Neither NaN nor a member twice nor anything behind the end. */
    private static final JsonMapper STRICT = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final int status;
    private final HttpHeaders headers;
    private final byte[] body;

    Answer(int status, HttpHeaders headers, byte[] body) {
        this.status = status;
        this.headers = headers;
        this.body = body;
    }

    /** Returns the status. */
    public int status() {
        return status;
    }

    /** Returns the body as it was sent. */
    public byte[] body() {
        return body.clone();
    }

    /** Returns the headers. */
    public HttpHeaders headers() {
        return headers;
    }

    /** Returns the body as text. */
    public String text() {
        return new String(body, UTF_8);
    }

    /** Returns the body as JSON. */
    public JsonNode json() {
        return STRICT.readTree(body);
    }

    /** Returns a header, empty if it is absent. */
    public String header(String name) {
        return String.join(", ", headers.allValues(name));
    }

    /** Checks that this is an answer to a question, and returns its JSON. */
    public JsonNode good() {
        assertThat(status).as(text()).isEqualTo(200);
        assertThat(header("Content-Type")).isEqualTo("application/json");
        return json();
    }

    /** Checks that this is an error, with the words and for the parameter; none if the name is empty. */
    public Answer refused(int expected, String parameter, String detail) {
        JsonNode problem = problem(expected);
        assertThat(problem.path("detail").asString()).isEqualTo(detail);
        assertThat(problem.path("parameter").asString("")).isEqualTo(parameter);
        return this;
    }

    /** Checks that this is an error, and returns its JSON. */
    public JsonNode problem(int expected) {
        assertThat(status).as(text()).isEqualTo(expected);
        assertThat(header("Content-Type")).isEqualTo("application/problem+json");
        JsonNode problem = json();
        assertThat(problem.path("status").asInt()).isEqualTo(expected);
        assertThat(problem.path("type").asString()).isEqualTo("about:blank");
        assertThat(problem.path("title").asString()).isNotEmpty();
        assertThat(problem.path("detail").asString()).isNotEmpty();
        return problem;
    }
}
