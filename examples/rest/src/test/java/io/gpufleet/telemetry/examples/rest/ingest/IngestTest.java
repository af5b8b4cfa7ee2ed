package io.gpufleet.telemetry.examples.rest.ingest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.codec.GpuSampleDecoder;
import io.gpufleet.telemetry.examples.rest.Answer;
import io.gpufleet.telemetry.examples.rest.RunningApi;
import io.gpufleet.telemetry.examples.rest.StoredFleet;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.testkit.KafkaBroker;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The way in for samples, over HTTP, up to Kafka. */
@TelemetryStackTest
final class IngestTest {
    private static final String TOPIC = "ingested";

    private static RunningApi api;
    private static TelemetryStack stack;

    @BeforeAll
    static void start(TelemetryStack shared) {
        stack = shared;
        stack.createTopic(TOPIC, 1);
        api = RunningApi.start(
                stack, StoredFleet.create(stack), "--topic=" + TOPIC, "--rate=1000000", "--burst=1000000");
    }

    @AfterAll
    static void close() {
        api.close();
    }

    private static String sample(String uuid, String value) {
        return "{\"time\":\"" + Instant.now() + "\",\"metric\":\"DCGM_FI_DEV_FB_USED\",\"value\":" + value
                + ",\"uuid\":\"" + uuid + "\",\"device_id\":\"nvidia0\",\"gpu_id\":\"0\",\"hostname\":\"n1\"}";
    }

    /** Posts in ISO 8859-1, so that any bytes can be sent as a text. */
    private static Answer post(String body, String... headers) {
        return post(api, body.getBytes(UTF_8), headers);
    }

    private static Answer post(RunningApi service, byte[] body, String... headers) {
        var calls = service.calls();
        for (int i = 0; i < headers.length; i += 2) {
            calls = calls.with(headers[i], headers[i + 1]);
        }
        boolean hasType = List.of(headers).contains("Content-Type");
        return (hasType ? calls : calls.with("Content-Type", "application/json")).send("POST", "/telemetry", body);
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream packing = new GZIPOutputStream(packed)) {
            packing.write(bytes);
        }
        return packed.toByteArray();
    }

    private static JsonNode accepted(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        return answer.json();
    }

    private static long end() {
        return stack.kafka().endOffsets(TOPIC).get(0);
    }

    /** Returns the samples of all records from an offset on. */
    private static List<GpuSample> stored(long from) {
        List<GpuSample> samples = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : records(from)) {
            GpuSampleDecoder.detecting().build().decode(record.value(), samples::add);
        }
        return samples;
    }

    private static List<ConsumerRecord<byte[], byte[]>> records(long from) {
        Properties settings = new Properties();
        settings.putAll(Map.of("bootstrap.servers", stack.bootstrapServers()));
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        long end = end();
        TopicPartition partition = new TopicPartition(TOPIC, 0);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seek(partition, from);
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofSeconds(1)).forEach(records::add);
            }
        }
        return records;
    }

    @Test
    void goodOnes_reachKafkaAndTheOthersAreListed() {
        long from = end();
        String noUuid = sample("", "4").replace("\"uuid\":\"\",", "");
        JsonNode receipt = accepted(post("[" + sample("GPU-1", "1") + "," + noUuid + "," + sample("GPU-1", "\"abc\"")
                + "," + sample("GPU-2", "2") + "]"));
        assertThat(receipt.path("accepted").asInt()).isEqualTo(2);
        assertThat(receipt.path("rejected").toString())
                .isEqualTo("[{\"index\":1,\"reason\":\"no UUID\"},"
                        + "{\"index\":2,\"reason\":\"value \\\"abc\\\" is not a number\"}]");
        assertThat(stored(from)).extracting(GpuSample::value).containsExactly(1.0, 2.0);
        assertThat(records(from))
                .extracting(record -> new String(record.key(), UTF_8))
                .containsExactly("GPU-1", "GPU-2");
    }

    @Test
    void oneObject_isTakenUnderBothPaths() {
        long from = end();
        assertThat(accepted(post(sample("GPU-1", "1"))).toString()).isEqualTo("{\"accepted\":1,\"rejected\":[]}");
        Answer other = api.calls()
                .with("Content-Type", "application/json; charset=UTF-8")
                .send("POST", "/api/v1/telemetry", sample("GPU-1", "2"));
        accepted(other);
        assertThat(stored(from)).hasSize(2);
    }

    @Test
    void copiesOfASharedGpu_knowOfEachOther() {
        long from = end();
        String one = sample("GPU-1", "1").replace("}", ",\"pod\":\"a\"}");
        accepted(post("[" + one + "," + one.replace("\"a\"", "\"b\"") + "]"));
        assertThat(stored(from))
                .extracting(sample -> sample.scope().name())
                .containsOnly("WORKLOAD")
                .hasSize(2);
    }

    @Test
    void thousand_areTakenAndOneMoreIsNot() {
        long from = end();
        String thousand = IntStream.range(0, 1_000)
                .mapToObj(value -> sample("GPU-" + value % 8, Integer.toString(value)))
                .collect(Collectors.joining(","));
        assertThat(accepted(post("[" + thousand + "]")).path("accepted").asInt())
                .isEqualTo(1_000);
        assertThat(stored(from)).hasSize(1_000);
        from = end();
        assertThat(post("[" + thousand + "," + sample("GPU-1", "1") + "]")
                        .problem(413)
                        .path("detail")
                        .asString())
                .contains("1000");
        assertThat(end()).isEqualTo(from);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'{\"time\":\"2026-01-01T00:00:00\",\"metric\":\"DCGM_FI_DEV_GPU_TEMP\",\"value\":1,\"uuid\":\"GPU-1\"}' | zone",
                "'{\"metric\":\"DCGM_FI_DEV_GPU_TEMP\",\"value\":1,\"uuid\":\"GPU-1\"}' | members missing: time",
                "'{\"time\":\"2001-01-01T00:00:00Z\",\"metric\":\"DCGM_FI_DEV_GPU_TEMP\",\"value\":1,\"uuid\":\"GPU-1\"}' | 30 days",
                "'{\"time\":\"2026-01-01T00:00:00Z\",\"time\":\"2026-01-01T00:00:00Z\"}' | stands twice",
                "'{\"schema_version\":\"1.0\",\"metrics\":{}}' | metric event",
                "'{}' | members missing",
                "1 | no object",
                "null | no object",
                "'[1]' | no object"
            })
    void badElement_isRejectedAlone(String element, String reason) {
        JsonNode receipt = accepted(post("[" + element + "," + sample("GPU-1", "1") + "]"));
        assertThat(receipt.path("accepted").asInt()).isEqualTo(1);
        assertThat(receipt.path("rejected").size()).isEqualTo(1);
        assertThat(receipt.path("rejected").path(0).path("reason").asString()).contains(reason);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "9223372036854775794",
                "\"NaN\"",
                "\"\"",
                "null",
                "1e999999999",
                "644245923644245923",
                "true",
                "{}",
                "[]"
            })
    void elementWithoutAValue_isRejected(String value) {
        long from = end();
        JsonNode receipt = accepted(post(sample("GPU-1", value)));
        assertThat(receipt.path("accepted").asInt()).isZero();
        assertThat(receipt.path("rejected").path(0).path("reason").asString()).isNotEmpty();
        assertThat(end()).isEqualTo(from);
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "\"x\"", "1", "{", "[", "[{}", "[{}]]", "{} {}", "[1,]", "{\"a\":NaN}", " "})
    void noBodyOfSamples_isRefused(String body) {
        post(body).problem(400);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[{] | unexpected text at line 1, column 3",
                "'[{\"a\":NaN}]' | unexpected text at line 1, column 10",
                "'[{},\n{\"a\":' | ends too early at line 2, column 6"
            })
    void damagedBody_isToldByPositionAndKind(String body, String words) {
        post(body).refused(400, "", "body is no JSON: " + words);
    }

    @Test
    void limitsOfJson_areToldWithoutTheNamesOfClasses() {
        post("[".repeat(40)).refused(400, "", "body is not read: document nesting depth 33 exceeds the limit of 32");
        assertThat(reason(sample("GPU-1", "1".repeat(2_000))))
                .isEqualTo("number value length 2000 exceeds the limit of 1000");
        Answer name = post(sample("GPU-1", "1").replace("uuid", "u".repeat(50_100)));
        assertThat(name.problem(400).path("detail").asString())
                .matches("body is not read: name length [0-9]+ exceeds the limit of 50000");
    }

    @Test
    void reasons_nameTheMembersOfThisForm() {
        assertThat(reason("{\"uuid\":\"GPU-1\"}")).isEqualTo("members missing: time, metric, value");
        assertThat(reason(sample("GPU-1", "1").replaceFirst("[0-9-]+T[^\"]+", "2001-01-01T00:00:00Z")))
                .matches("time 2001-01-01T00:00:00Z is more than 30 days behind the time of the request [0-9T:.Z-]+");
        assertThat(reason(sample("GPU-1", "1").replaceFirst("[0-9-]+T[^\"]+", "2026-01-01T00:00:00")))
                .isEqualTo("time \"2026-01-01T00:00:00\" names no zone; end it with Z, or an offset as +01:00");
    }

    private static String reason(String element) {
        return accepted(post(element)).path("rejected").path(0).path("reason").asString();
    }

    @Test
    void emptyBody_isRefused() {
        post("").problem(400);
    }

    @Test
    void emptyArray_isTaken() {
        assertThat(accepted(post("[]")).toString()).isEqualTo("{\"accepted\":0,\"rejected\":[]}");
    }

    @Test
    void nestingAndLongNumbers_areRefusedAtOnce() {
        post("[]");
        long start = System.nanoTime();
        post("[".repeat(10_000)).problem(400);
        Answer number = post(sample("GPU-1", "1".repeat(1_000_000)));
        assertThat(number.status()).isIn(202, 400);
        assertThat(number.text()).doesNotContain("\"accepted\":1");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void gzip_isUnpacked() throws IOException {
        long from = end();
        byte[] packed = gzip(sample("GPU-1", "1").getBytes(UTF_8));
        accepted(post(api, packed, "Content-Encoding", "gzip"));
        assertThat(stored(from)).hasSize(1);
        byte[] cut = java.util.Arrays.copyOf(packed, packed.length - 12);
        post(api, cut, "Content-Encoding", "gzip").problem(400);
        post(api, "{}".getBytes(UTF_8), "Content-Encoding", "gzip").problem(400);
        post(api, packed).problem(400);
    }

    @Test
    void gzipOfTooMuch_isRefusedAndCostsLittle() throws IOException {
        byte[] bomb = gzip(new byte[20 << 20]);
        Answer answer = post(api, bomb, "Content-Encoding", "gzip");
        answer.problem(413);
        api.strangers()
                .with("Content-Type", "application/json")
                .with("Content-Encoding", "gzip")
                .send("POST", "/telemetry", bomb)
                .problem(401);
    }

    @Test
    void otherEncoding_isNamed() {
        Answer answer = post("{}", "Content-Encoding", "br");
        answer.problem(415);
        assertThat(answer.header("Accept-Encoding")).isEqualTo("gzip");
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "application/json; charset=ISO-8859-1", "application/xml", "nonsense"})
    void otherType_isRefused(String type) {
        post("{}", "Content-Type", type).problem(415);
    }

    @Test
    void noType_isRefused() {
        api.calls()
                .send("POST", "/telemetry", "{}")
                .refused(415, "", "body without a Content-Type is not read; allowed: application/json");
    }

    @Test
    void otherMethod_isRefused() {
        Answer answer = api.calls().get("/telemetry");
        answer.problem(405);
        assertThat(answer.header("Allow")).isEqualTo("OPTIONS, POST");
    }

    @Test
    void chunkedBodyWithoutEnd_isReadNoFurtherThanTheLimit() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), api.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write(("POST /telemetry HTTP/1.1\r\nHost: localhost\r\nX-API-Key: " + RunningApi.KEY
                                    + "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
                            .getBytes(ISO_8859_1));
            byte[] chunk =
                    ("10000\r\n" + String.join("", Collections.nCopies(65_536, " ")) + "\r\n").getBytes(ISO_8859_1);
            for (int i = 0; i < 17; i++) {
                socket.getOutputStream().write(chunk);
            }
            InputStream answer = socket.getInputStream();
            assertThat(new String(answer.readNBytes(12), ISO_8859_1)).isEqualTo("HTTP/1.1 413");
        }
    }

    @Test
    void kafkaAway_isA503InTime() {
        try (KafkaBroker broker = KafkaBroker.builder().start()) {
            broker.createTopic(TOPIC, 1);
            try (RunningApi other = RunningApi.start(
                    broker.bootstrapServers(), api.fleet(), api.fleet().database(), "--topic=" + TOPIC)) {
                accepted(post(other, sample("GPU-1", "1").getBytes(UTF_8)));
                broker.stop();
                long start = System.nanoTime();
                Answer answer =
                        post(other, ("[" + sample("GPU-1", "1") + "," + sample("GPU-2", "1") + "]").getBytes(UTF_8));
                assertThat(answer.problem(503).path("detail").asString())
                        .contains("Kafka did not acknowledge")
                        .doesNotContain("127.0.0.1")
                        .doesNotContain("Exception");
                assertThat(answer.header("Retry-After")).isEqualTo("5");
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(12));
                broker.start();
                accepted(post(other, sample("GPU-1", "2").getBytes(UTF_8)));
            }
        }
    }
}
