package io.gpufleet.telemetry.examples.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/** Keys, the limits of requests, and origins. */
@TelemetryStackTest
final class KeysTest {
    private static final String HOSTS = "/api/v1/hosts";

    private static void refuse(Answer answer) {
        answer.problem(401);
        assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer");
        assertThat(answer.text()).doesNotContain(RunningApi.KEY);
    }

    @Test
    void requests_needAKey(TelemetryStack stack) {
        try (RunningApi api = RunningApi.start(stack, RunningApi.shared(stack).fleet())) {
            Calls strangers = api.strangers();
            refuse(strangers.get(HOSTS));
            refuse(strangers.with("X-API-Key", "wrong").get(HOSTS));
            refuse(strangers.with("X-API-Key", "").get(HOSTS));
            refuse(strangers.get(HOSTS + "?api_key=" + RunningApi.KEY));
            refuse(strangers.with("Authorization", "Basic dDp0").get(HOSTS));
            refuse(RawCall.get(strangers.with("X-API-Key", "\u00e4\u00f6"), HOSTS));
            refuse(RawCall.get(strangers.with("X-API-Key", "x".repeat(100_000)), HOSTS));
            refuse(api.calls().with("Authorization", "Bearer wrong").get(HOSTS));
        }
    }

    @Test
    void key_isNowhereInTheMeters(TelemetryStack stack) {
        RunningApi api = RunningApi.shared(stack);
        api.calls().get(HOSTS).good();
        assertThat(api.strangers().get("/metrics").text())
                .contains("path=\"" + HOSTS + "\"")
                .doesNotContain(RunningApi.KEY, RunningApi.KEY.substring(0, 8));
    }

    @Test
    void bodyThatBreaksOff_isNoFailureInTheLog(TelemetryStack stack) {
        Calls broken = RunningApi.shared(stack)
                .calls()
                .with("Content-Type", "application/json")
                .with("Transfer-Encoding", "chunked")
                .with("Z", "last\r\n\r\nno length");
        PrintStream usual = System.err;
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        System.setErr(new PrintStream(log, true, UTF_8));
        try {
            RawCall.send(broken, "POST /telemetry HTTP/1.1").problem(400);
        } finally {
            System.setErr(usual);
        }
        assertThat(log.toString(UTF_8)).isEmpty();
    }

    @Test
    void key_isNotInTheLog_ifItsHeaderCannotBeRead(TelemetryStack stack) {
        Calls strangers = RunningApi.shared(stack).strangers();
        PrintStream usual = System.err;
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        System.setErr(new PrintStream(log, true, UTF_8));
        try {
            RawCall.get(strangers.with("X-API-Key ", RunningApi.KEY), HOSTS).problem(400);
            RawCall.get(strangers.with("X-API-Key", RunningApi.KEY + "\0"), HOSTS)
                    .problem(400);
        } finally {
            System.setErr(usual);
        }
        assertThat(log.toString(UTF_8)).isEmpty();
    }

    @Test
    void key_comesInTwoHeaders(TelemetryStack stack) {
        Calls strangers = RunningApi.shared(stack).strangers();
        for (String scheme : List.of("Bearer ", "bearer ", "BEARER  ")) {
            strangers.with("Authorization", scheme + RunningApi.KEY).get(HOSTS).good();
        }
        strangers.with("X-API-Key", RunningApi.OTHER_KEY).get(HOSTS).good();
        strangers
                .with("X-API-Key", RunningApi.KEY)
                .with("Authorization", "Bearer " + RunningApi.KEY)
                .get(HOSTS)
                .good();
        refuse(strangers
                .with("X-API-Key", RunningApi.KEY)
                .with("Authorization", "Bearer " + RunningApi.OTHER_KEY)
                .get(HOSTS));
    }

    @Test
    void limits_areOfTheKey_notOfAHeader(TelemetryStack stack) {
        try (RunningApi api = RunningApi.start(stack, RunningApi.shared(stack).fleet(), "--rate=1")) {
            api.strangers().get(HOSTS).problem(401);
            List<Answer> answers = atOnce(
                    150,
                    number -> api.calls()
                            .with("X-Forwarded-For", "10.0.0." + number)
                            .get(HOSTS));
            List<Answer> late =
                    answers.stream().filter(answer -> answer.status() != 200).toList();
            assertThat(answers.size() - late.size()).isBetween(100, 120);
            late.forEach(answer -> answer.problem(429));
            assertThat(late.get(0).header("Retry-After")).matches("[1-9]");
            assertThat(late.get(0).header("RateLimit-Limit")).isEqualTo("100");
            assertThat(late.get(0).header("RateLimit-Remaining")).isEqualTo("0");
            assertThat(late.get(0).header("RateLimit-Reset")).matches("[0-9]+");
            api.strangers().with("X-API-Key", RunningApi.OTHER_KEY).get(HOSTS).good();
            assertThat(api.strangers().get("/health").status()).isEqualTo(200);
        }
    }

    @Test
    void strangers_areLimitedByAddress(TelemetryStack stack) {
        try (RunningApi api = RunningApi.start(stack, RunningApi.shared(stack).fleet())) {
            List<Answer> answers = atOnce(
                    60,
                    number -> api.strangers()
                            .with("X-Forwarded-For", "10.0.0." + number)
                            .get(HOSTS));
            assertThat(answers).anyMatch(answer -> answer.status() == 429);
            assertThat(answers).filteredOn(answer -> answer.status() == 401).hasSizeGreaterThanOrEqualTo(10);
            assertThat(answers).allMatch(answer -> answer.status() == 401 || answer.status() == 429);
            api.calls().get(HOSTS).good();
        }
    }

    private static List<Answer> atOnce(int count, IntFunction<Answer> call) {
        ExecutorService threads = Executors.newFixedThreadPool(10);
        try {
            List<CompletableFuture<Answer>> answers = new ArrayList<>();
            for (int number = 0; number < count; number++) {
                int own = number;
                answers.add(CompletableFuture.supplyAsync(() -> call.apply(own), threads));
            }
            return answers.stream().map(CompletableFuture::join).toList();
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void noOrigin_isNamedByDefault(TelemetryStack stack) {
        Answer answer = RawCall.get(RunningApi.shared(stack).calls().with("Origin", "https://a.example"), HOSTS);
        answer.good();
        assertThat(allowances(answer)).isEmpty();
    }

    private static List<String> allowances(Answer answer) {
        return answer.headers().map().keySet().stream()
                .filter(name -> name.toLowerCase(Locale.ROOT).startsWith("access-control-"))
                .toList();
    }

    @Test
    void namedOrigins_mayRead(TelemetryStack stack) {
        try (RunningApi api =
                RunningApi.start(stack, RunningApi.shared(stack).fleet(), "--cors-origin=https://ops.example")) {
            Answer named = RawCall.get(api.calls().with("Origin", "https://ops.example"), HOSTS);
            named.good();
            assertThat(named.header("Access-Control-Allow-Origin")).isEqualTo("https://ops.example");
            assertThat(named.header("Vary")).contains("Origin");
            assertThat(allowances(named)).doesNotContain("Access-Control-Allow-Credentials");
            for (String other : List.of("https://ops.example.evil.test", "http://ops.example", "null")) {
                Answer answer = RawCall.get(api.calls().with("Origin", other), HOSTS);
                answer.good();
                assertThat(allowances(answer)).as(other).isEmpty();
            }
            Calls preflight = api.strangers()
                    .with("Origin", "https://ops.example")
                    .with("Access-Control-Request-Method", "GET")
                    .with("Access-Control-Request-Headers", "x-api-key");
            Answer allowed = RawCall.send(preflight, "OPTIONS " + HOSTS + " HTTP/1.1");
            assertThat(allowed.status()).isIn(200, 204);
            assertThat(allowed.header("Access-Control-Allow-Origin")).isEqualTo("https://ops.example");
            assertThat(allowed.header("Access-Control-Allow-Headers")).containsIgnoringCase("x-api-key");
            RawCall.send(preflight.with("Origin", "https://evil.test"), "OPTIONS " + HOSTS + " HTTP/1.1")
                    .problem(401);
            RawCall.send(preflight.with("Access-Control-Request-Method", "PUT"), "OPTIONS " + HOSTS + " HTTP/1.1")
                    .problem(403);
            Answer put = RawCall.send(api.calls().with("Origin", "https://ops.example"), "PUT " + HOSTS + " HTTP/1.1");
            put.problem(405);
            assertThat(put.header("Allow")).isEqualTo("GET, HEAD, OPTIONS");
        }
    }

    @Test
    void withoutAuth_everybodyMayAsk(TelemetryStack stack) {
        try (RunningApi api = RunningApi.start(stack, RunningApi.shared(stack).fleet(), "--no-auth")) {
            api.strangers().get(HOSTS).good();
        }
    }
}
