package io.gpufleet.telemetry.examples.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

/** Random requests: none of them is the fault of the service, and each refusal is a problem. */
@TelemetryStackTest
final class FuzzTest {
    private static final int REQUESTS = 10_000;
    private static final int THREADS = 4;
    private static final long SEED = 20_261_130;

    private static final List<String> METHODS =
            List.of("GET", "GET", "GET", "GET", "GET", "GET", "HEAD", "OPTIONS", "POST", "DELETE", "PATCH");
    private static final List<String> PATHS = List.of(
            "/api/v1/gpus",
            "/api/v1/gpus/@",
            "/api/v1/gpus/@/telemetry",
            "/api/v1/gpus/@/metrics",
            "/api/v1/gpus/GPU-fuzz/metrics?metric=DCGM_FI_DEV_GPU_TEMP&aggregation=max",
            "/api/v1/gpus/@/stats",
            "/api/v1/gpus/@/xid",
            "/api/v1/gpus/@/@",
            "/api/v1/hosts",
            "/api/v1/namespaces",
            "/api/v1/fleet/summary",
            "/api/v1/@",
            "/@",
            "/health",
            "/swagger/@");
    private static final List<String> NAMES = List.of(
            "limit",
            "offset",
            "host",
            "namespace",
            "model",
            "start_time",
            "end_time",
            "metric",
            "metric_name",
            "aggregation",
            "bucket",
            "order",
            "instance",
            "scope",
            "cursor",
            "total",
            "hours",
            "interval",
            "@");
    private static final List<String> VALUES = List.of(
            "",
            "0",
            "1",
            "-1",
            "10",
            "1000",
            "9223372036854775807",
            "1e3",
            "0x10",
            "NaN",
            "true",
            "max",
            "rate",
            "sum",
            "newest",
            "oldest",
            "2026-03-01T12:00:00Z",
            "2026-03-01T12:00:60Z",
            "9999-12-31T23:59:59Z",
            "0001-01-01T00:00:00Z",
            "DCGM_FI_DEV_GPU_TEMP",
            "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION",
            "gi:7",
            "GPU-fuzz",
            "%00",
            "%FF",
            "%C3%A4",
            "%F0%9F%98%80",
            "%ED%A0%80",
            "%27%3B--",
            "%25",
            "+",
            "@",
            "@@@@");
    private static final List<String> ACCEPTED =
            List.of("*/*", "application/json", "text/html", "nonsense", ";;;", "application/json;q=0");

    @Test
    void randomRequests_areNoFaultOfTheService(TelemetryStack stack) throws Exception {
        RunningApi api = RunningApi.shared(stack);
        api.fleet().store("GPU-fuzz", "DCGM_FI_DEV_GPU_TEMP", 50, "2026-03-01T12:00:00Z");
        Map<Integer, LongAdder> statuses = new ConcurrentHashMap<>();
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        List<Future<?>> runs = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
            Random random = new Random(SEED + thread);
            runs.add(threads.submit(() -> run(api.calls(), random, statuses)));
        }
        threads.shutdown();
        join(runs);
        assertThat(statuses.values().stream().mapToLong(LongAdder::sum).sum()).isEqualTo(REQUESTS);
        assertThat(statuses).containsKeys(200, 400, 404, 405);
    }

    private static void join(List<Future<?>> runs) throws InterruptedException, ExecutionException {
        for (Future<?> run : runs) {
            run.get();
        }
    }

    private static void run(Calls calls, Random random, Map<Integer, LongAdder> statuses) {
        for (int request = 0; request < REQUESTS / THREADS; request++) {
            String method = one(METHODS, random);
            String path = path(random);
            Calls asking = random.nextInt(5) == 0 ? calls.with("Accept", one(ACCEPTED, random)) : calls;
            // What a client would not send, the container sees nonetheless.
            Answer answer = random.nextInt(20) == 0
                    ? RawCall.send(asking, method + " " + path + (char) (33 + random.nextInt(94)) + " HTTP/1.1")
                    : asking.send(method, path, "");
            String what = method + " " + path + ": " + answer.status() + " " + answer.text();
            assertThat(answer.status()).as(what).isLessThan(500);
            if (answer.status() >= 400) {
                assertThat(answer.header("Content-Type")).as(what).isEqualTo("application/problem+json");
            }
            statuses.computeIfAbsent(answer.status(), absent -> new LongAdder()).increment();
        }
    }

    private static String path(Random random) {
        StringBuilder path = new StringBuilder(filled(one(PATHS, random), random));
        int parameters = random.nextInt(4);
        for (int parameter = 0; parameter < parameters; parameter++) {
            path.append(path.indexOf("?") < 0 ? '?' : '&').append(filled(one(NAMES, random), random));
            path.append('=').append(filled(one(VALUES, random), random));
        }
        return path.toString();
    }

    /** Replaces each place by some bytes, or by a GPU that there is. */
    private static String filled(String text, Random random) {
        StringBuilder filled = new StringBuilder();
        for (int place = 0; place < text.length(); place++) {
            char letter = text.charAt(place);
            filled.append(letter == '@' ? (random.nextInt(3) == 0 ? "GPU-fuzz" : bytes(random)) : letter);
        }
        return filled.toString();
    }

    private static String bytes(Random random) {
        StringBuilder bytes = new StringBuilder();
        int count = 1 + random.nextInt(6);
        for (int place = 0; place < count; place++) {
            bytes.append(
                    random.nextBoolean()
                            ? String.format("%%%02X", random.nextInt(256))
                            : (char) ('a' + random.nextInt(26)));
        }
        return bytes.toString();
    }

    private static String one(List<String> choices, Random random) {
        return choices.get(random.nextInt(choices.size()));
    }
}
