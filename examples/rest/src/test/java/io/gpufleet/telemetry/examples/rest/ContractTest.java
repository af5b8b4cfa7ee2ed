package io.gpufleet.telemetry.examples.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Every question of the document, asked with good and bad values: each answer is as the document says. */
@TelemetryStackTest
final class ContractTest {
    private static final String GPU = "GPU-c0a7ac70-0000-4000-8000-000000000001";
    private static final String TEMP = "DCGM_FI_DEV_GPU_TEMP";
    private static final String ENERGY = "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION";

    /** Good values where the form alone does not say enough. */
    private static final Map<String, String> GOOD = Map.of(
            "metric", TEMP,
            "metric_name", TEMP,
            "Metric_name", TEMP,
            "aggregation", "max",
            "start_time", "2026-03-01T00:00:00Z",
            "end_time", "2026-03-02T00:00:00Z",
            "bucket", "86400",
            "instance", "gi:1");

    private static RunningApi api;
    private static Contract contract;
    private final Set<String> seen = new HashSet<>();

    @BeforeAll
    static void store(TelemetryStack stack) throws IOException {
        api = RunningApi.shared(stack);
        contract = Contract.read();
        api.fleet()
                .store(List.of(
                        sample(TEMP, 50, "2026-03-01T12:00:00Z"),
                        sample(TEMP, 51, "2026-03-01T12:01:00Z"),
                        sample(ENERGY, 51, "2026-03-01T12:01:00Z"),
                        sample("DCGM_FI_DEV_XID_ERRORS", 79, "2026-03-01T12:01:00Z"),
                        sample(TEMP, 51, Instant.now().minusSeconds(5).toString())));
    }

    /** On a host of its own: other tests ask for the last GPU of theirs. */
    private static GpuSample sample(String metric, double value, String time) {
        return StoredFleet.sample(StoredFleet.gpu(GPU).host("contract-host"), metric, value, time);
    }

    @Test
    void everyAnswer_isAsTheDocumentSays() {
        contract.paths()
                .properties()
                .forEach(path -> path.getValue()
                        .properties()
                        .forEach(method -> ask(method.getKey(), path.getKey(), method.getValue())));
        assertThat(seen).contains("200", "400", "401", "404", "406");
    }

    private void ask(String method, String path, JsonNode operation) {
        boolean isOpen = operation.path("security").isEmpty();
        String good = id(path, GPU);
        if (!isOpen) {
            check(method, path, api.strangers().send(method.toUpperCase(Locale.ROOT), good, ""));
        }
        boolean endsNever = operation.toString().contains("text/event-stream");
        if (!method.equals("get") || endsNever) {
            return;
        }
        List<JsonNode> parameters = operation
                .path("parameters")
                .valueStream()
                .filter(parameter -> parameter.path("in").asString().equals("query"))
                .toList();
        Map<String, String> needed = needed(path, parameters);
        get(path, good, needed, "");
        if (path.contains("{")) {
            get(path, id(path, "GPU-none"), needed, "");
        }
        for (JsonNode parameter : parameters) {
            String name = parameter.path("name").asString();
            for (String value : values(name, parameter.path("schema"))) {
                get(path, good, without(needed, name), "&" + name + "=" + value);
            }
            get(path, good, without(needed, name), "&" + name + "=1&" + name + "=2");
        }
        if (!isOpen) {
            get(path, good, needed, "&unknown=1");
            check(method, path, api.calls().with("Accept", "application/xml").get(url(good, needed, "")));
        }
    }

    @Test
    void answersBesidesThoseOfAQuestion_areDocumented() {
        contract.paths().properties().stream()
                .filter(path ->
                        path.getKey().startsWith("/api/v1/") && path.getValue().has("get"))
                .forEach(path -> {
                    JsonNode responses = path.getValue().path("get").path("responses");
                    boolean endsNever = responses.toString().contains("text/event-stream");
                    assertThat(responses.has("304")).as(path.getKey()).isNotEqualTo(endsNever);
                    String url = id(path.getKey(), GPU);
                    check("get", path.getKey(), api.calls().send("DELETE", url, ""));
                });
        assertThat(seen).containsExactly("405");
        Answer known = api.calls().with("If-None-Match", "*").get("/api/v1/hosts");
        assertThat(known.status()).isEqualTo(304);
    }

    private static Map<String, String> needed(String path, List<JsonNode> parameters) {
        Set<String> names = parameters.stream()
                .filter(parameter -> parameter.path("required").asBoolean(false)
                        || (path.endsWith("/metrics")
                                && Set.of("metric", "aggregation")
                                        .contains(parameter.path("name").asString())))
                .map(parameter -> parameter.path("name").asString())
                .collect(Collectors.toSet());
        return names.stream().collect(Collectors.toMap(name -> name, name -> GOOD.getOrDefault(name, "x")));
    }

    private static Map<String, String> without(Map<String, String> needed, String name) {
        return needed.entrySet().stream()
                .filter(entry -> !entry.getKey().equals(name))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private static List<String> values(String name, JsonNode schema) {
        List<String> values = new ArrayList<>(List.of("", "%27%22%5C", "-1", "99999999999999999999", "NaN", "%C3%A4"));
        if (GOOD.containsKey(name)) {
            values.add(GOOD.get(name));
        }
        schema.path("enum").valueStream().map(JsonNode::asString).forEach(values::add);
        for (String bound : List.of("minimum", "maximum")) {
            if (schema.has(bound)) {
                values.add(schema.path(bound).asString());
            }
        }
        values.add("true");
        return values;
    }

    private void get(String path, String good, Map<String, String> needed, String more) {
        check("get", path, api.calls().get(url(good, needed, more)));
    }

    private static String url(String path, Map<String, String> needed, String more) {
        String query = needed.entrySet().stream()
                .map(entry -> "&" + entry.getKey() + "=" + URLEncoder.encode(entry.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining());
        return path + "?" + (query + more).replaceFirst("^&", "");
    }

    private static String id(String path, String id) {
        return path.replaceAll("\\{[^}]*}", id);
    }

    private void check(String method, String path, Answer answer) {
        assertThat(answer.status()).as(path + ": " + answer.text()).isLessThan(500);
        seen.add(Integer.toString(answer.status()));
        contract.check(method, path, answer);
    }

    @Test
    void nulls_areDocumented() {
        String gpu = "/api/v1/gpus/GPU-null";
        api.fleet()
                .store(List.of(StoredFleet.sample(GpuSubject.builder("GPU-null"), ENERGY, 5, "2026-03-01T12:00:00Z")));
        String range = "?start_time=2026-03-01T00:00:00Z&end_time=2026-03-02T00:00:00Z";
        Answer one = api.calls().get(gpu);
        assertThat(one.good().path("gpu_id").isNull()).isTrue();
        contract.check("get", "/api/v1/gpus/{id}", one);
        Answer samples = api.calls().get(gpu + "/telemetry" + range);
        assertThat(samples.good().path("next").isNull()).isTrue();
        assertThat(samples.good().path("results").path(0).path("gpu_id").isNull())
                .isTrue();
        contract.check("get", "/api/v1/gpus/{id}/telemetry", samples);
        Answer rate = api.calls().get(gpu + "/metrics" + range + "&aggregation=rate&metric=" + ENERGY);
        assertThat(rate.good().path(0).path("metric_value").isNull()).isTrue();
        contract.check("get", "/api/v1/gpus/{id}/metrics", rate);
    }

    @Test
    void otherAnswers_areFound() {
        for (String body : List.of(
                "{\"count\":\"1\",\"hosts\":[]}",
                "{\"count\":null,\"hosts\":[]}",
                "{\"hosts\":[]}",
                "{\"count\":0,\"hosts\":[],\"more\":1}")) {
            Answer answer = new Answer(200, json(), body.getBytes(StandardCharsets.UTF_8));
            assertThatThrownBy(() -> contract.check("get", "/api/v1/hosts", answer))
                    .isInstanceOf(AssertionError.class);
        }
        Answer time = new Answer(200, json(), """
                {"gpu_id":0,"uuid":"U","device":"","hostname":"","model_name":"","first_seen":"yesterday",
                "last_seen":"2026-03-01T12:00:00Z"}""".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> contract.check("get", "/api/v1/gpus/{id}", time))
                .isInstanceOf(AssertionError.class);
        Answer undocumented = new Answer(500, json(), "{}".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> contract.check("get", "/api/v1/hosts", undocumented))
                .isInstanceOf(AssertionError.class);
    }

    private static HttpHeaders json() {
        return HttpHeaders.of(Map.of("Content-Type", List.of("application/json")), (name, value) -> true);
    }
}
