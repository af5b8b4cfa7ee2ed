package io.gpufleet.telemetry.examples.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What all answers share: methods, media types, errors, entity tags and compression. */
@TelemetryStackTest
final class HttpRulesTest {
    private static final String GPUS = "/api/v1/gpus?host=rules-host";
    private static final String TEMP = "DCGM_FI_DEV_GPU_TEMP";

    private static RunningApi api;
    private static Calls calls;

    @BeforeAll
    static void store(TelemetryStack stack) {
        api = RunningApi.shared(stack);
        calls = api.calls();
        for (int number = 0; number < 9; number++) {
            store("GPU-rules-" + number);
        }
    }

    private static void store(String uuid) {
        api.fleet()
                .store(List.of(StoredFleet.sample(
                        StoredFleet.gpu(uuid).host("rules-host"), TEMP, 50, "2026-03-01T12:00:00Z")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/event-stream", "application/xml", "text/html", "*/*", "nonsense", "application/json"})
    void errors_areProblems_whateverIsAccepted(String accepted) {
        Calls asking = calls.with("Accept", accepted);
        asking.get("/api/v1/nothing").refused(404, "", "nothing is at /api/v1/nothing");
        asking.get("/nothing").problem(404);
        asking.get("/api/v1/gpus/GPU-none").problem(404);
        asking.send("POST", "/api/v1/gpus", "{}").problem(405);
        asking.get("/api/v1/gpus/GPU-none/telemetry?limit=0").problem(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "PATCH", "DELETE"})
    void otherMethods_areNamed(String method) {
        Answer answer = calls.send(method, "/api/v1/gpus", "a=b");
        answer.problem(405);
        assertThat(Set.of(answer.header("Allow").split(", "))).isEqualTo(Set.of("GET", "HEAD", "OPTIONS"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TRACE", "FOO", "get"})
    void unknownMethods_areProblems(String method) {
        Answer answer = RawCall.send(calls, method + " /api/v1/gpus HTTP/1.1");
        answer.problem(answer.status());
        assertThat(answer.status()).isIn(400, 405, 501).isNotEqualTo(501);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /api/v1/gpus?host=a|b HTTP/1.1",
                "GET /api/v1/gpus?host=%zz HTTP/1.1",
                "GET /api/v1/gpus?host=%C3 HTTP/1.1",
                "GET /api/v1/gpus?%FF=1 HTTP/1.1",
                "GET api HTTP/1.1"
            })
    void unreadableRequests_areProblems(String line) {
        RawCall.send(calls, line).problem(400);
    }

    @Test
    void otherMediaTypes_areRefused() {
        calls.with("Accept", "application/xml").get(GPUS).problem(406);
        calls.with("Accept", "application/problem+json").get(GPUS).problem(406);
        calls.with("Accept", "text/event-stream").get(GPUS).problem(406);
        for (String accepted : List.of("*/*", "application/json;q=0.1", "text/html,*/*;q=0.8", "application/*")) {
            calls.with("Accept", accepted).get(GPUS).good();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"utf-16", "utf-16be", "us-ascii", "iso-8859-1", "windows-1252"})
    void json_isUtf8_whateverCharsetIsAccepted(String charset) {
        Answer answer =
                calls.with("Accept", "application/json;charset=" + charset).get(GPUS);
        answer.good();
        assertThat(answer.body()).isEqualTo(calls.get(GPUS).body());
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json;q=0", "*/*;q=0"})
    void typesWithoutQuality_areNotAccepted(String refused) {
        calls.with("Accept", refused).get(GPUS).problem(406);
        calls.with("Accept", refused).get("/api/v1/gpus/none").problem(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/%61pi/v1/", "/api;x=1/v1/", "/api/v1;/", "/api/%761/"})
    void otherSpellingsOfAPath_haveTheSameRules(String base) {
        Answer answer = RawCall.get(calls, base + "gpus?host=rules-host");
        answer.good();
        assertThat(answer.header("ETag")).isEqualTo(calls.get(GPUS).header("ETag"));
        RawCall.get(calls, base + "gpus?hots=rules-host")
                .refused(400, "hots", "parameter \"hots\" is not known; did you mean host?");
        RawCall.get(api.strangers(), base + "gpus").problem(401);
    }

    @Test
    void document_isWhole_whateverRangeIsAsked() {
        byte[] whole = api.strangers().get("/openapi.yaml").body();
        for (String range : List.of("bytes=0-9", "bytes=99999999-", "bytes=5-1", "lines=1")) {
            Answer answer = api.strangers().with("Range", range).get("/openapi.yaml");
            assertThat(answer.status()).as(range).isEqualTo(200);
            assertThat(answer.body()).as(range).isEqualTo(whole);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/v1/gpus?host=rules-host",
                "/api/v1/gpus/GPU-rules-1",
                "/api/v1/hosts",
                "/api/v1/gpus/GPU-none",
                "/api/v1/gpus?limit=0",
                "/nothing",
                "/health",
                "/ready",
                "/openapi.yaml"
            })
    void head_isGetWithoutABody(String path) {
        Answer get = calls.get(path);
        Answer head = calls.send("HEAD", path, "");
        assertThat(head.status()).isEqualTo(get.status());
        assertThat(head.body()).isEmpty();
        for (String header : List.of("Content-Type", "ETag", "Content-Length", "Vary", "Cache-Control")) {
            assertThat(head.header(header)).as(header).isEqualTo(get.header(header));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /api/v1/gpus            | GET, HEAD, OPTIONS
            /api/v1/gpus?hots=1     | GET, HEAD, OPTIONS
            /api/v1/gpus/x/metrics  | GET, HEAD, OPTIONS
            /health                 | GET, HEAD, OPTIONS
            """)
    void options_tellTheMethods(String path, String allowed) {
        Answer answer = calls.send("OPTIONS", path, "");
        assertThat(answer.status()).isIn(200, 204);
        assertThat(Set.of(answer.header("Allow").split(", ?"))).isEqualTo(Set.of(allowed.split(", ")));
        calls.send("OPTIONS", "/nothing", "").problem(404);
    }

    @Test
    void entityTag_isOfTheBody() {
        Answer plain = calls.get(GPUS);
        String tag = plain.header("ETag");
        assertThat(tag).matches("W/\"[0-9a-f]{32}\"");
        assertThat(calls.with("Accept-Encoding", "gzip").get(GPUS).header("ETag"))
                .isEqualTo(tag);
        for (String known : List.of(tag, tag.substring(2), "\"a\", " + tag, "*")) {
            for (String method : List.of("GET", "HEAD")) {
                Answer answer = calls.with("If-None-Match", known).send(method, GPUS, "");
                assertThat(answer.status()).as(known).isEqualTo(304);
                assertThat(answer.header("ETag")).isEqualTo(tag);
                assertThat(answer.header("Vary")).isNotEmpty().isEqualTo(plain.header("Vary"));
                assertThat(answer.body()).isEmpty();
            }
        }
        assertThat(calls.with("If-None-Match", "\"a\"").get(GPUS).status()).isEqualTo(200);
        assertThat(api.strangers().with("If-None-Match", tag).get(GPUS).status())
                .isEqualTo(401);
        assertThat(calls.get(GPUS + "&limit=2").header("ETag")).isNotEqualTo(tag);
        store("GPU-rules-new");
        Answer changed = calls.with("If-None-Match", tag).get(GPUS);
        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.header("ETag")).isNotEqualTo(tag);
    }

    @Test
    void compression_isAskedFor() throws IOException {
        Answer packed = calls.with("Accept-Encoding", "gzip").get(GPUS);
        assertThat(packed.header("Content-Encoding")).isEqualTo("gzip");
        assertThat(packed.header("Vary")).containsIgnoringCase("accept-encoding");
        byte[] unpacked = new GZIPInputStream(new ByteArrayInputStream(packed.body())).readAllBytes();
        Answer plain = calls.get(GPUS);
        assertThat(unpacked).isEqualTo(plain.body());
        assertThat(plain.header("Vary")).containsIgnoringCase("accept-encoding");
        for (String refused : List.of("gzip;q=0", "identity", "br", "gzip;q=0, *;q=1")) {
            assertThat(calls.with("Accept-Encoding", refused).get(GPUS).header("Content-Encoding"))
                    .as(refused)
                    .isEmpty();
        }
    }

    @Test
    void openPages_needNoKey() {
        Calls strangers = api.strangers().with("X-API-Key", "wrong");
        assertThat(strangers.get("/health").json().toString()).isEqualTo("{\"status\":\"ok\"}");
        assertThat(strangers.get("/ready").json().toString()).isEqualTo("{\"status\":\"ready\"}");
        calls.get(GPUS);
        assertThat(strangers.get("/metrics").text())
                .contains(
                        "telemetry_api_requests_seconds_count{",
                        "path=\"/api/v1/gpus\"",
                        "hikaricp_connections",
                        "jvm_memory_used_bytes");
        assertThat(strangers.get("/openapi.yaml").text()).contains("openapi: 3.1.0");
        assertThat(strangers.get("/swagger/").text()).contains("swagger-ui");
        assertThat(strangers.get("/swagger/swagger-initializer.js").text()).contains("\"/openapi.yaml\"");
        assertThat(strangers.get("/swagger/swagger-ui-bundle.js").status()).isEqualTo(200);
        strangers.get("/swagger/nothing").problem(404);
        RawCall.get(strangers, "/swagger/../api/v1/hosts").problem(404);
        RawCall.get(strangers, "/swagger/%2e%2e/api/v1/hosts").problem(404);
    }
}
