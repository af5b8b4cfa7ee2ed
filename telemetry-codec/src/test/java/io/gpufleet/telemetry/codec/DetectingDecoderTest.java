package io.gpufleet.telemetry.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The form of a record is found by its content. */
class DetectingDecoderTest {
    private static final DetectingDecoder DECODER =
            GpuSampleDecoder.detecting().zone(ZoneOffset.UTC).build();
    private static final String NOTHING = "nothing is recognised; allowed: exposition text, CSV of samples or of "
            + "nvidia-smi with its header, JSON of samples or of metric events, line protocol; each plain or as gzip";

    static Stream<Arguments> texts() {
        GpuSampleDecoder smi =
                NvidiaSmiCsvDecoder.builder().zone(ZoneOffset.UTC).build();
        return Stream.of(
                        texts(ExpositionTextDecoder.create(), SampleTexts.EXPOSITION),
                        texts(SampleCsvDecoder.create(), SampleTexts.CSV),
                        texts(SampleJsonDecoder.create(), SampleTexts.JSON),
                        texts(smi, SampleTexts.NVIDIA_SMI),
                        texts(MetricEventDecoder.create(), SampleTexts.EVENT),
                        texts(LineProtocolDecoder.create(), SampleTexts.LINE_PROTOCOL))
                .flatMap(texts -> texts);
    }

    private static Stream<Arguments> texts(GpuSampleDecoder decoder, List<String> texts) {
        return texts.stream().map(text -> Arguments.of(decoder, text));
    }

    @ParameterizedTest
    @MethodSource("texts")
    void decode_readsAsTheDecoderOfTheForm(GpuSampleDecoder decoder, String text) {
        for (byte[] bytes : List.of(text.getBytes(UTF_8), ("\r\n" + text).getBytes(UTF_8), InflatedTest.gzip(text))) {
            Decoded expected = Decoded.of(decoder, bytes);

            Decoded decoded = Decoded.of(DECODER, bytes);

            assertThat(decoded.samples()).isNotEmpty().isEqualTo(expected.samples());
            assertThat(decoded.refusals()).isEqualTo(expected.refusals());
            assertThat(decoded.fault()).isEqualTo(expected.fault());
            if (!decoded.refused().isEmpty()) {
                assertThat(DECODER.excerpt(bytes, decoded.refused()))
                        .isEqualTo(decoder.excerpt(bytes, decoded.refused()));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("texts")
    void places_areInTheWordsOfTheRefusals(GpuSampleDecoder decoder, String text) {
        for (byte[] bytes : List.of(text.getBytes(UTF_8), ("\r\n" + text).getBytes(UTF_8), InflatedTest.gzip(text))) {
            Decoded decoded = Decoded.of(decoder, bytes);
            NavigableSet<Integer> indexes = new TreeSet<>();
            for (int i = 0; i < decoded.samples().size() + decoded.refusals().size(); i++) {
                indexes.add(i);
            }

            Map<Integer, String> places = DECODER.places(bytes, indexes);

            assertThat(places.keySet()).isEqualTo(indexes);
            assertThat(decoded.refused().headSet(indexes.size()).stream()
                            .map(places::get)
                            .toList())
                    .isEqualTo(decoded.refusals().stream()
                            .map(refusal -> refusal.replaceFirst("(:| and).*", ""))
                            .toList());
            assertThat(decoder.places(bytes, indexes)).isEqualTo(places);
        }
    }

    @Test
    void places_areThoseOfReadValuesToo() {
        String text = "# a scrape\nDCGM_FI_DEV_GPU_TEMP{UUID=\"U\"} 41\n\nDCGM_FI_DEV_GPU_TEMP{UUID=\"V\"} 42\n";

        assertThat(DECODER.places(text.getBytes(UTF_8), new TreeSet<>(List.of(0, 1, 2))))
                .isEqualTo(Map.of(0, "line 2", 1, "line 4"));
    }

    @ParameterizedTest
    @MethodSource("texts")
    void decoderOf_isThatOfTheForm_withTheSameOptions(GpuSampleDecoder decoder, String text) {
        for (byte[] bytes : List.of(text.getBytes(UTF_8), ("\ufeff" + text).getBytes(UTF_8), InflatedTest.gzip(text))) {
            ByteBuffer source = ByteBuffer.wrap(bytes);

            GpuSampleDecoder found = DECODER.decoderOf(source).orElseThrow();

            assertThat(found).hasSameClassAs(decoder);
            assertThat(source.remaining()).isEqualTo(bytes.length);
            assertThat(Decoded.of(found, bytes).samples())
                    .isEqualTo(Decoded.of(DECODER, bytes).samples());
        }
    }

    @Test
    void decoderOf_isNoneForNothing() {
        assertThat(DECODER.decoderOf(ByteBuffer.wrap("<html>\n".getBytes(UTF_8))))
                .isEmpty();
        assertThat(DECODER.decoderOf(ByteBuffer.allocate(0))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " \n",
                "nonsense",
                "a,b,c\n1,2,3\n",
                "uuid\nGPU-1\n",
                "<html>\n",
                "no number here\n",
                "\u0000\u0001"
            })
    void decode_refusesWhatIsOfNoForm(String text) {
        Decoded decoded = Decoded.of(DECODER, text);

        assertThat(decoded.fault()).isEqualTo(NOTHING);
        assertThat(decoded.samples()).isEmpty();
        assertThat(decoded.refusals()).isEmpty();
    }

    @Test
    void decode_findsExpositionTextBehindDamagedLines() {
        Decoded decoded = Decoded.of(DECODER, "<<<\n\ndcgm_gpu_temp{UUID=\"GPU-01\"} 41\n");

        assertThat(decoded.readings()).containsExactly("01 GPU_TEMP 41");
        assertThat(decoded.refusals()).hasSize(1);
        assertThat(Decoded.of(DECODER, "go_goroutines 12\n").end()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "9bad{UUID=\"x\"} 1",
                "9bad{note=\"timestamp,metric_name,uuid,value\"} 1",
                "dcgm_gpu_temp",
                "<html>",
                "{UUID=\"GPU-1\"} 1",
                "{ \"dcgm_gpu_temp\", UUID=\"GPU-1\"} 1",
                "[warning] 3 GPUs",
                "{",
                "uuid"
            })
    void decode_losesOneLineForAnUnreadableFirstLine(String first) {
        Decoded decoded = Decoded.of(DECODER, first + "\ndcgm_gpu_temp{UUID=\"GPU-01\"} 41\n");

        assertThat(decoded.readings()).containsExactly("01 GPU_TEMP 41");
        assertThat(decoded.refusals()).singleElement().asString().startsWith("line 1: ");
        assertThat(decoded.end()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dcgm_gpu_temp{gpu=\"0\",\tUUID\t=\t\"GPU-01\"\t}\t41",
                "dcgm_gpu_temp{UUID=\"GPU-01\",note=\"a,uuid,b\"} 41",
                "dcgm_gpu_temp{UUID=\"GPU-01\",note=\"a,timestamp,metric_name,uuid,value,b\"} 41",
                "dcgm_gpu_temp{UUID=\"GPU-01\",note = \"a\ttimestamp\tmetric_name\tvalue\t\"} 41",
                "dcgm_gpu_temp{UUID=\"GPU-01\",note=\"a;timestamp;pstate;b\"} 41",
                "# HELP dcgm_gpu_temp Temperature by gpu, uuid, pod\ndcgm_gpu_temp{UUID=\"GPU-01\"} 41",
                "# exported from timestamp, metric_name, uuid\ndcgm_gpu_temp{UUID=\"GPU-01\"} 41",
                "\n# timestamp, metric_name, uuid, value\ndcgm_gpu_temp{UUID=\"GPU-01\"} 41",
                "#,timestamp,metric_name,value,uuid\ndcgm_gpu_temp{UUID=\"GPU-01\"} 41",
                "# HELP dcgm_gpu_temp \u0445\ndcgm_gpu_temp{UUID=\"GPU-01\"} 41",
                "dcgm_gpu_temp{UUID=\"GPU-01\",Hostname=\"\u00c5lesund\"} 41",
                "\ufeffdcgm_gpu_temp{UUID=\"GPU-01\"} 41",
                "go_info 1\ndcgm_gpu_temp{UUID=\"GPU-01\"} 41"
            })
    void decode_knowsExpositionTextByItsFirstLine(String text) {
        Decoded decoded = Decoded.of(DECODER, text + "\n");

        assertThat(decoded.readings()).containsExactly("01 GPU_TEMP 41");
        assertThat(decoded.refusals()).isEmpty();
        assertThat(decoded.end()).isEmpty();
    }

    @Test
    void decode_skipsBlankLinesBeforeAHeader() {
        assertThat(Decoded.of(DECODER, "  \n\ttimestamp,metric_name,uuid,value\n2026-03-01T12:00:00Z,DCGM_A,GPU-01,4\n")
                        .readings())
                .containsExactly("01 DCGM_A 4");
        assertThat(Decoded.of(DECODER, "\n \t\ntimestamp, uuid, pstate\n2026/03/01 12:00:00, GPU-01, P3\n")
                        .readings())
                .containsExactly("01 PSTATE 3");
    }

    @Test
    void decode_refusesAHeaderInTheWordsOfItsForm() {
        assertThat(Decoded.of(DECODER, "timestamp,metric_name,value\n").fault()).isEqualTo("columns missing: uuid");
        assertThat(Decoded.of(DECODER, "timestamp;metric_name;value;value\n").fault())
                .isEqualTo("column \"value\" stands twice");
        assertThat(Decoded.of(DECODER, "timestamp,uuid,value\n").fault()).isEqualTo("columns missing: metric_name");
        assertThat(Decoded.of(DECODER, "name, temperature.gpu, power.draw [W]\nA, 44, 70 W\n")
                        .fault())
                .isEqualTo("columns missing: timestamp, uuid");
        assertThat(Decoded.of(DECODER, "2026-03-01T12:00:00Z,DCGM_FI_DEV_GPU_TEMP,GPU-1,40\n")
                        .fault())
                .isEqualTo("no header line");
        assertThat(Decoded.of(DECODER, "timestamp, pstate\n").fault()).isEqualTo("columns missing: uuid");
        assertThat(Decoded.of(DECODER, "metric_name,pod,device\n1,2,3\n").fault())
                .isEqualTo("columns missing: timestamp, uuid, value");
    }

    @Test
    void decode_namesTheMissingColumnsOfSamplesWhereNoReadingIsNamed() {
        for (String header :
                List.of("timestamp,metric,uuid,val", "timestamp,uuid,DCGM_FI_DEV_GPU_TEMP,DCGM_FI_DEV_POWER_USAGE")) {
            assertThat(Decoded.of(DECODER, header + "\n2026-03-01T12:00:00Z,A,B,1\n")
                            .fault())
                    .isEqualTo("columns missing: metric_name, value");
        }
    }

    /** The whole lines of a file, if it was cut off, may show no form. */
    @Test
    void decode_saysThatTheEndIsMissingWhereNothingIsLeft() {
        for (String text : List.of(SampleTexts.JSON.get(0), SampleTexts.CSV.get(0), SampleTexts.EXPOSITION.get(0))) {
            byte[] packed = InflatedTest.gzip(text);
            assertThat(Decoded.of(DECODER, Arrays.copyOf(packed, 20)).fault())
                    .isEqualTo("unexpected end of gzip data after line 0");
        }
    }

    @Test
    void decode_tellsEventsFromSamplesByAnyOfThreeMembers() {
        String rest =
                ":{},\"timestamp\":\"2026-03-01T12:00:00Z\",\"metric_name\":\"DCGM_A\",\"value\":1,\"uuid\":\"GPU-01\"}";
        for (String member : List.of("schema_version", "event_type", "metrics")) {
            assertThat(Decoded.of(DECODER, "{\"x\":[{}],\"" + member + '"' + rest)
                            .refusals())
                    .containsExactly("element 1: no UUID");
        }
        for (String sample : List.of(
                "{\"labels_raw\":{\"metrics\":\"x\"},\"other\"" + rest,
                "[{\"other\"" + rest + ",{\"metrics\"" + rest + "]",
                "[{\"x\":{\"schema_version\":1},\"y\":[{\"event_type\":2}],\"other\"" + rest + "]")) {
            assertThat(Decoded.of(DECODER, sample).readings()).contains("01 DCGM_A 1");
        }
        assertThat(Decoded.of(DECODER, "[{\"other\"" + rest + "]").readings()).containsExactly("01 DCGM_A 1");
        assertThat(Decoded.of(DECODER, "[]").end()).isEmpty();
    }

    @Test
    void excerpt_isRecognised() {
        String text = "# TYPE DCGM_A gauge\n<<<\nDCGM_A{UUID=\"GPU-01\"} 41\n";
        byte[] bytes = text.getBytes(UTF_8);

        byte[] excerpt = DECODER.excerpt(bytes, Decoded.of(DECODER, bytes).refused());

        assertThat(new String(excerpt, UTF_8)).isEqualTo("#\n<<<\n");
        assertThat(Decoded.of(DECODER, excerpt).refusals()).hasSize(1);
        assertThat(Decoded.of(DECODER, excerpt).end()).isEmpty();
    }

    /** A record that was read in one form is not read in another one when its dead letter is replayed. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "#\ntimestamp, uuid, pstate\n2026/03/01 12:00:00, GPU-01, P0\n",
                "#\n{\"time\":1772366400,\"metric\":\"DCGM_A\",\"value\":1,\"uuid\":\"GPU-01\"}\n",
                "[{\"metrics\":{}},{\"time\":1772366400,\"metric\":\"DCGM_A\",\"value\":1,\"uuid\":\"GPU-01\"}]"
            })
    void excerpt_keepsItsForm(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        Decoded decoded = Decoded.of(DECODER, bytes);
        assertThat(decoded.samples()).isEmpty();
        assertThat(decoded.refused()).isNotEmpty();
        for (Integer refused : decoded.refused()) {
            byte[] excerpt = DECODER.excerpt(bytes, new TreeSet<>(List.of(refused)));

            assertThat(Decoded.of(DECODER, excerpt).samples()).isEmpty();
        }
    }

    @Test
    void excerpt_isAtMost64KiB() {
        byte[] bytes = ("#\n" + ("<".repeat(1000) + "\n").repeat(100)).getBytes(UTF_8);

        assertThat(DECODER.excerpt(bytes, Decoded.of(DECODER, bytes).refused())).hasSizeBetween(60_000, 64 << 10);
    }

    @Test
    void builder_passesTheOptionsOn() {
        DetectingDecoder decoder = GpuSampleDecoder.detecting().maxLineBytes(20).build();

        assertThat(Decoded.of(decoder, "#\nDCGM_A{UUID=\"GPU-01\"} 41\n").refusals())
                .containsExactly("line 2: line has 24 bytes, the limit is 20");
        assertThat(Decoded.of(GpuSampleDecoder.detecting().build(), SampleTexts.NVIDIA_SMI.get(0))
                        .fault())
                .endsWith("names no zone; give zone(...)");
    }
}
