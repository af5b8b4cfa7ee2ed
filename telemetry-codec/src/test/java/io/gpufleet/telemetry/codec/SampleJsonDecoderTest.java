package io.gpufleet.telemetry.codec;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** JSON as programs were seen to send it, and what it means. */
class SampleJsonDecoderTest {
    private static final String OBJECT = """
            {"timestamp":"2026-03-01T12:00:00Z","metric_name":"DCGM_FI_DEV_GPU_UTIL","gpu_id":3,"device":"nvidia3",\
            "uuid":"GPU-0e000000-0000-4000-8000-000000000008","modelName":"NVIDIA H100 80GB HBM3","Hostname":"n1",\
            "container":"","pod":"","namespace":"","value":97.5,"labels_raw":{"gpu":"3","job":"dgx"},"id":0,\
            "created_at":"0001-01-01T00:00:00Z"}""";
    private static final String ARRAY = """
            ["2026-03-01T12:00:00Z","DCGM_FI_DEV_GPU_UTIL","3","nvidia3","GPU-0e000000-0000-4000-8000-000000000008",\
            "NVIDIA H100 80GB HBM3","n1","","","","97.5","gpu=\\"3\\",job=\\"dgx\\""]""";
    private static final String POST = """
            {"device_id":"nvidia3","metric":"DCGM_FI_DEV_GPU_UTIL","value":97.5,"time":"2026-03-01T12:00:00Z","gpu_id":"3",\
            "uuid":"GPU-0e000000-0000-4000-8000-000000000008","model_name":"NVIDIA H100 80GB HBM3","hostname":"n1",\
            "container":"","pod":"","namespace":"","labels_raw":"gpu=\\"3\\",job=\\"dgx\\""}""";

    private final SampleCounts counts = new SampleCounts();
    private final SampleJsonDecoder decoder =
            SampleJsonDecoder.builder().counts(counts).build();

    private Decoded decode(String text) {
        return Decoded.of(decoder, text);
    }

    private static String sample(String members) {
        return "{\"timestamp\":1772366400,\"metric_name\":\"DCGM_FI_DEV_GPU_TEMP\",\"uuid\":\"GPU-01\"," + members
                + "}";
    }

    @Test
    void decode_readsOneSampleFromThreeForms() {
        GpuSample sample = decode(OBJECT).sample();

        assertThat(sample.time()).isEqualTo(Decoded.NOON);
        assertThat(sample.metric().name()).isEqualTo("DCGM_FI_DEV_GPU_UTIL");
        assertThat(sample.value()).isEqualTo(97.5);
        GpuSubject subject = sample.subject();
        assertThat(subject.uuid()).isEqualTo("GPU-0e000000-0000-4000-8000-000000000008");
        assertThat(subject.index()).hasValue(3);
        assertThat(subject.device()).isEqualTo("nvidia3");
        assertThat(subject.model()).isEqualTo("NVIDIA H100 80GB HBM3");
        assertThat(subject.host()).isEqualTo("n1");
        assertThat(subject.series()).isEmpty();
        assertThat(subject.labels()).containsExactly(entry("gpu", "3"), entry("job", "dgx"));
        assertThat(decode(ARRAY).sample()).isEqualTo(sample);
        assertThat(decode(POST).sample()).isEqualTo(sample);
    }

    @Test
    void decode_readsBatchesOfObjects() {
        Decoded decoded = decode("\ufeff [" + OBJECT + ",\n" + POST + " , " + sample("\"value\":\"41\"") + "] ");

        assertThat(decoded.readings()).containsExactly("08 GPU_UTIL 97.5", "08 GPU_UTIL 97.5", "01 GPU_TEMP 41");
        assertThat(decode("[]").samples()).isEmpty();
        assertThat(decode("[]").end()).isEmpty();
    }

    @Test
    void decode_losesOneElementForOneBadElement() {
        Decoded decoded = decode("["
                + String.join(
                        ",",
                        sample("\"value\":40"),
                        sample("\"value\":\"forty\""),
                        sample("\"value\":true"),
                        sample("\"value\":40,\"value\":41"),
                        sample("\"value\":40,\"gpu\":1,\"gpu_id\":1"),
                        sample("\"labels_raw\":{}"),
                        "{\"time\":1772366400,\"metric\":\"DCGM_A\",\"value\":1}",
                        "{\"time\":\"noon\",\"metric\":\"DCGM_A\",\"value\":1,\"uuid\":\"GPU-1\"}",
                        "{}",
                        "[1]",
                        "7",
                        sample("\"value\":644245923"),
                        sample("\"value\":null"),
                        sample("\"value\":\"NaN\""),
                        sample("\"value\":9223372036854775794"),
                        sample("\"value\":42"))
                + "]");

        assertThat(decoded.readings()).containsExactly("01 GPU_TEMP 40", "01 GPU_TEMP 42");
        assertThat(decoded.refusals())
                .containsExactly(
                        "element 2: value \"forty\" is not a number",
                        "element 3: value \"true\" is not a number",
                        "element 4: member \"value\" stands twice",
                        "element 5: member \"gpu_id\" stands twice",
                        "element 6: members missing: value",
                        "element 7: no UUID",
                        "element 8: timestamp \"noon\" is not a time, for example 2026-03-01T12:00:00Z",
                        "element 9: members missing: timestamp, metric_name, value",
                        "element 10: no object",
                        "element 11: no object",
                        "element 12: DCGM_FI_DEV_GPU_TEMP 644245923 is outside -50..150");
        assertThat(counts.noValues()).isEqualTo(3);
    }

    @Test
    void decode_keepsUnknownMembersAsLabels() {
        GpuSubject subject = decode(
                        sample("\"value\":4e1,\"rack\":7,\"ok\":true,\"none\":null,\"tags\":[1,{\"a\":\"b\"}]"))
                .sample()
                .subject();

        assertThat(subject.labels())
                .containsExactly(entry("rack", "7"), entry("ok", "true"), entry("tags", "[1,{\"a\":\"b\"}]"));
    }

    @Test
    void decode_keepsASampleWhoseLabelsAreUnreadable() {
        assertThat(decode(sample("\"value\":40,\"labels_raw\":\"job\""))
                        .sample()
                        .subject()
                        .labels())
                .containsExactly(entry("labels_raw", "job"));
        assertThat(decode(sample("\"value\":40,\"labels_raw\":[\"job\"]"))
                        .sample()
                        .subject()
                        .labels())
                .containsExactly(entry("labels_raw", "[\"job\"]"));
        assertThat(counts.unreadableLabels()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '\'', textBlock = """
        '["a","b"]',                        'element 1: expected 12 fields, found 2'
        '["a",1,2,3,4,5,6,7,8,9,10,11,12]', 'element 1: expected 12 fields, found 13'
        '["a",[1],3,4,5,6,7,8,9,10,11,12]', 'element 1: field 2 is no text'
        """)
    void decode_refusesOtherArrays(String text, String reason) {
        assertThat(decode(text).refusals()).containsExactly(reason);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "  ",
                "7",
                "null",
                "\"text\"",
                "nonsense",
                "{",
                "[",
                "{\"a\":1",
                "[1,",
                "{]",
                "\u0000",
                "{}{}"
            })
    void decode_refusesWhatIsNoMessage(String text) {
        Decoded decoded = decode(text);

        assertThat(decoded.samples()).isEmpty();
        assertThat(decoded.end()).isPresent();
    }

    @Test
    void decode_keepsTheElementsBeforeDamagedText() {
        Decoded decoded = decode(
                "[" + sample("\"value\":40") + "," + sample("\"value\":41").replace("}", "?"));

        assertThat(decoded.readings()).containsExactly("01 GPU_TEMP 40");
        assertThat(decoded.fault()).startsWith("no JSON: \"Unexpected character ('?'");
    }

    @Test
    void decode_refusesDeepNesting() {
        String deep = "[".repeat(100_000);

        assertThat(decode(sample("\"value\":40,\"a\":" + "[".repeat(31) + "]".repeat(31)))
                        .samples())
                .hasSize(1);
        assertThat(decode(deep).fault()).startsWith("no JSON: ");
        assertThat(decode(sample("\"value\":40,\"a\":" + deep)).fault()).startsWith("no JSON: ");
    }

    @Test
    void decode_keepsToTheLimits() {
        SampleJsonDecoder small = SampleJsonDecoder.builder()
                .maxLineBytes(200)
                .maxLabelBytes(30)
                .maxLabels(2)
                .build();
        String many = "\"a\":1,\"b\":1,\"c\":1";

        assertThat(Decoded.of(small, sample("\"value\":40,\"labels_raw\":{" + many + "}"))
                        .refusals())
                .containsExactly("element 1: more than 2 members");
        assertThat(Decoded.of(small, sample("\"value\":40,\"pod\":\"" + "p".repeat(31) + "\""))
                        .refusals())
                .containsExactly("element 1: column \"pod\" has 31 bytes, the limit is 30");
        assertThat(Decoded.of(small, sample("\"value\":40,\"pod\":\"" + "p".repeat(200) + "\""))
                        .refusals())
                .singleElement()
                .asString()
                .endsWith("characters, the limit is 200");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"a\":\"%s\"}", "\"a=\\\"%s\\\"\""})
    void decode_refusesLabelsBeyondTheLimits(String raw) {
        String most = "x".repeat(64 << 10);

        assertThat(decode(sample("\"value\":41,\"labels_raw\":" + raw.formatted(most)))
                        .readings())
                .containsExactly("01 GPU_TEMP 41");
        assertThat(decode(sample("\"value\":41,\"labels_raw\":" + raw.formatted(most + "x")))
                        .refusals())
                .containsExactly("element 1: label \"a\" has 65537 bytes, the limit is 65536");
    }

    @Test
    void decode_refusesMoreLabelsThanTheLimit() {
        String many = "\"a=\\\"b\\\"\"";
        String object = "{"
                + IntStream.rangeClosed(0, 128)
                        .mapToObj(i -> "\"l" + i + "\":1")
                        .collect(joining(",")) + "}";
        String text = '"'
                + IntStream.rangeClosed(0, 128)
                        .mapToObj(i -> "l" + i + "=\\\"1\\\"")
                        .collect(joining(","))
                + '"';

        assertThat(decode(sample("\"value\":41,\"labels_raw\":" + many)).samples())
                .hasSize(1);
        assertThat(decode(sample("\"value\":41,\"labels_raw\":" + object)).refusals())
                .containsExactly("element 1: more than 128 members");
        assertThat(decode(sample("\"value\":41,\"labels_raw\":" + text)).refusals())
                .containsExactly("element 1: more than 128 labels");
    }

    @Test
    void decode_replacesMalformedText() {
        byte[] text = sample("\"value\":40,\"pod\":\"?\"").getBytes(StandardCharsets.UTF_8);
        text[new String(text, StandardCharsets.UTF_8).indexOf('?')] = (byte) 0xff;

        assertThat(Decoded.of(decoder, text).sample().subject().pod()).isEqualTo("\ufffd");
        assertThat(counts.malformedTexts()).isEqualTo(1);
    }

    @Test
    void decode_readsGzip() {
        assertThat(Decoded.of(decoder, InflatedTest.gzip(OBJECT)).sample())
                .isEqualTo(decode(OBJECT).sample());
    }

    @Test
    void excerpt_hasTheRefusedElements() {
        String bad = sample("\"value\":\"x\u00e4\"");
        String text = "[" + sample("\"value\":40") + ", " + bad + " ,7]";
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);

        byte[] excerpt = decoder.excerpt(bytes, decode(text).refused());

        assertThat(new String(excerpt, StandardCharsets.UTF_8)).isEqualTo("[" + bad + ",7]");
        byte[] one = OBJECT.replace("97.5", "970").getBytes(StandardCharsets.UTF_8);
        assertThat(decoder.excerpt(one, Decoded.of(decoder, one).refused())).isSameAs(one);
        byte[] damaged = (text + "?").getBytes(StandardCharsets.UTF_8);
        assertThat(decoder.excerpt(damaged, Decoded.of(decoder, damaged).refused()))
                .isSameAs(damaged);
    }

    @Test
    void excerpt_isAtMost64KiB() {
        String text = "[" + String.join(",", Collections.nCopies(100, "\"" + "x".repeat(1000) + "\"")) + "]";
        String objects = "[{}," + text.substring(1);
        byte[] bytes = objects.getBytes(StandardCharsets.UTF_8);

        assertThat(decoder.excerpt(bytes, Decoded.of(decoder, bytes).refused())).hasSizeBetween(60_000, 64 << 10);
        byte[] huge = ("[[\"" + "x".repeat(70_000) + "\"]]").getBytes(StandardCharsets.UTF_8);
        byte[] excerpt = decoder.excerpt(huge, Decoded.of(decoder, huge).refused());
        assertThat(Decoded.of(decoder, excerpt).end()).isPresent();
    }
}
