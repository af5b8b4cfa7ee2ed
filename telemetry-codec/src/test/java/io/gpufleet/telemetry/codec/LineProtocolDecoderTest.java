package io.gpufleet.telemetry.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Line protocol as exports and Telegraf write it. */
class LineProtocolDecoderTest {
    private static final String TEMP = "DCGM_FI_DEV_GPU_TEMP,UUID=GPU-01 ";
    private static final LineProtocolDecoder DECODER = LineProtocolDecoder.create();

    private static Decoded decode(String text) {
        return Decoded.of(DECODER, text);
    }

    private static GpuSubject subject(String text) {
        return decode(text).sample().subject();
    }

    @Test
    void decode_cutsNanosecondsAndDoesNotRoundThem() {
        String text = Stream.of("370294075", "370649259", "370899918", "371160586", "371160999")
                .map(nanos -> TEMP + "v=71 1772366400" + nanos + "\n")
                .collect(Collectors.joining());

        Decoded decoded = decode(text);

        assertThat(decoded.refusals()).isEmpty();
        assertThat(decoded.samples())
                .extracting(sample -> sample.time().toString())
                .containsExactly(
                        "2026-03-01T12:00:00.370294Z",
                        "2026-03-01T12:00:00.370649Z",
                        "2026-03-01T12:00:00.370899Z",
                        "2026-03-01T12:00:00.371160Z",
                        "2026-03-01T12:00:00.371160Z");
    }

    @Test
    void decode_readsNumbersOfEveryTypeAndRefusesATextWithItsLine() {
        Decoded decoded = decode(TEMP + "v=71i 1772366400000000000\n" + TEMP + "v=71 1772366401000000000\n" + TEMP
                + "v=\"71\" 1772366402000000000\n" + TEMP + "v=71.0 1772366403000000000\n" + TEMP
                + "v=7.1e1 1772366404000000000\n" + TEMP + "v=71u 1772366405000000000\n");

        assertThat(decoded.samples()).hasSize(5).extracting(GpuSample::value).containsOnly(71.0);
        assertThat(decoded.refusals()).containsExactly("line 3: field \"v\" is the text \"71\", not a number");
        assertThat(decoded.kinds())
                .containsExactly("GPU-01 DCGM_FI_DEV_GPU_TEMP: field \"v\" is the text \"0\", not a number");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            DCGM_FI_DEV_GPU_TEMP,UUID=GPU-01 v=true 1  | field "v" is "true", not a number
            DCGM_FI_DEV_GPU_TEMP,UUID=GPU-01 v=71.5i 1 | field "v" is "71.5i", not a number
            DCGM_FI_DEV_GPU_TEMP,UUID=GPU-01 v= 1      | field "v" is "", not a number
            DCGM_FI_DEV_GPU_TEMP,UUID=GPU-01 v 1       | field "v" has no value
            DCGM_FI_DEV_GPU_TEMP,UUID=GPU-01           | no field; a line is: measurement,tag=value field=value time
            DCGM_FI_DEV_GPU_TEMP,UUID v=71 1           | tag "UUID" has no value
            DCGM_FI_DEV_GPU_TEMP,a=1,a=2 v=71 1        | tag "a" stands twice
            DCGM_FI_DEV_GPU_TEMP v=71 1                | no UUID
            DCGM_FI_DEV_GPU_TEMP,UUID=GPU-01 v=71 noon | timestamp "noon" is not a whole number of Nanos since 1970
            DCGM_FI_DEV_GPU_TEMP,UUID=GPU-01 v=71 1 2  | text behind the time
            DCGM_FI_DEV_GPU_TEMP,UUID=GPU-01 v="7 1    | text ""7 1" is never closed
            DCGM_FI_DEV_GPU_TEMP,UUID=GPU-01 v=200 1   | DCGM_FI_DEV_GPU_TEMP 200 is outside -50..150
            """)
    void decode_refusesALineWithItsReasonAndReadsTheOthers(String line, String reason) {
        Decoded decoded = decode(line + "\n" + TEMP + "v=71\n");

        assertThat(decoded.readings()).containsExactly("01 GPU_TEMP 71");
        assertThat(decoded.refusals()).containsExactly("line 1: " + reason);
    }

    @Test
    void decode_readsNamesWithEscapes() {
        String text = "DCGM_FI_DEV_GPU_TEMP,UUID=GPU-01,pod=a\\ b\\,c\\=d\\x,my\\ tag=C:\\ value=71\n";

        GpuSubject subject = subject(text.replace("C:\\ ", "C:\\dir "));

        assertThat(subject.pod()).isEqualTo("a b,c=d\\x");
        assertThat(subject.labels()).containsExactly(entry("my tag", "C:\\dir"));
    }

    @Test
    void decode_readsTheMetricsOfTelegraf() {
        Decoded decoded = decode("nvidia_smi,compute_mode=Default,host=n1,index=3,name=NVIDIA\\ H100,pstate=P0,"
                + "uuid=GPU-02 temperature_gpu=51i,utilization_gpu=97i,power_draw=99.5,memory_used=1024i,"
                + "driver_version=\"535.129\",fbc_stats_session_count=0i 1772366400000000000\n");

        assertThat(decoded.readings())
                .containsExactly("02 GPU_TEMP 51", "02 GPU_UTIL 97", "02 POWER_USAGE 99.5", "02 FB_USED 1024");
        assertThat(decoded.counts()).containsExactly(entry("other metric", 2));
        GpuSubject subject = decoded.samples().get(0).subject();
        assertThat(subject.host()).isEqualTo("n1");
        assertThat(subject.index()).hasValue(3);
        assertThat(subject.model()).isEqualTo("NVIDIA H100");
        assertThat(subject.labels()).containsOnlyKeys("compute_mode", "pstate");
    }

    @Test
    void decode_readsFieldsThatAreMetrics() {
        Decoded decoded = decode("prometheus,UUID=GPU-01,host=agent,Hostname=n1 DCGM_FI_DEV_GPU_TEMP=41,"
                + "DCGM_FI_DEV_GPU_UTIL=97,go_goroutines=8 1772366400000000000\n"
                + "DCGM_FI_DEV_POWER_USAGE,UUID=GPU-01 gauge=70,sum=1\n"
                + "DCGM_FI_DEV_SERIAL,UUID=GPU-01 value=1\ncpu,host=n1 usage_idle=97.5\n");

        assertThat(decoded.readings()).containsExactly("01 GPU_TEMP 41", "01 GPU_UTIL 97", "01 POWER_USAGE 70");
        assertThat(decoded.counts()).containsOnly(entry("other metric", 3), entry("label field", 1));
        assertThat(decoded.refusals()).isEmpty();
        assertThat(decoded.samples().get(0).subject().host()).isEqualTo("n1");
        assertThat(decoded.samples().get(0).subject())
                .isSameAs(decoded.samples().get(1).subject());
    }

    @Test
    void decode_readsWhatTheHostHasNamed() {
        LineProtocolDecoder named = LineProtocolDecoder.builder()
                .metric("gpu", "temp", "DCGM_FI_DEV_GPU_TEMP")
                .label("card", "UUID")
                .label("machine", "Hostname")
                .precision(ChronoUnit.SECONDS)
                .build();

        GpuSample sample = Decoded.of(named, "gpu,card=GPU-01,machine=n1,rack=r1 temp=41 1772366400\n")
                .sample();

        assertThat(sample.metric().name()).isEqualTo("DCGM_FI_DEV_GPU_TEMP");
        assertThat(sample.time()).isEqualTo(Instant.parse("2026-03-01T12:00:00Z"));
        assertThat(sample.subject().uuid()).isEqualTo("GPU-01");
        assertThat(sample.subject().host()).isEqualTo("n1");
        assertThat(sample.subject().labels()).containsExactly(entry("rack", "r1"));
        assertThat(Decoded.of(named, "gpu,card=GPU-01 temp=41 9223372036854775807\n")
                        .refusals())
                .containsExactly(
                        "line 1: timestamp \"9223372036854775807\" is not a whole number of Seconds since 1970");
        assertThatThrownBy(() -> LineProtocolDecoder.builder().precision(ChronoUnit.DAYS))
                .hasMessage("precision: Days is not Nanos, Micros, Millis or Seconds");
    }

    @Test
    void decode_passesByTheHeadOfAnExport() {
        Decoded decoded = decode(SampleTexts.LINE_PROTOCOL.get(0));

        assertThat(decoded.readings()).containsExactly("01 GPU_TEMP 41", "01 GPU_TEMP 42", "01 POWER_USAGE 150");
        assertThat(decoded.refusals())
                .containsExactly(
                        "line 8: field \"value\" is the text \"43\", not a number",
                        "line 9: no UUID",
                        "line 11: field \"value\" is \"\", not a number");
    }

    @Test
    void decode_takesTheTimeOfTheScrapeWhereALineHasNone() {
        assertThat(decode(TEMP + "v=71\n").sample().time()).isEqualTo(Decoded.NOON);
        assertThat(Decoded.of(DECODER, (TEMP + "v=71\n").getBytes(UTF_8), ScrapeContext.NONE)
                        .refusals())
                .containsExactly("line 1: no time; give scrapeTime(...) or the header telemetry-scrape-time");
    }

    @Test
    void decode_refusesALastLineWithoutItsEnd() {
        assertThat(decode(TEMP + "v=7").refusals()).containsExactly("line 1: no line feed ends the line");
        assertThat(Decoded.of(LineProtocolDecoder.builder().acceptOpenEnd().build(), TEMP + "v=7")
                        .sample()
                        .value())
                .isEqualTo(7);
    }

    @Test
    void decode_countsReadingsWithoutAValue() {
        Decoded decoded = decode(TEMP + "v=NaN\n" + TEMP + "v=9223372036854775794i\n");

        assertThat(decoded.samples()).isEmpty();
        assertThat(decoded.counts()).containsExactly(entry("no value", 2));
    }

    @Test
    void excerpt_hasTheRefusedLines() {
        String text = TEMP + "v=71\n" + TEMP + "v=t\n" + TEMP + "v=72\n";

        Decoded decoded = decode(text);

        assertThat(new String(DECODER.excerpt(text.getBytes(UTF_8), decoded.refused()), UTF_8))
                .isEqualTo(TEMP + "v=t\n");
    }

    @Test
    void texts_mayGoOverTheEndOfALine() {
        String broken = "gpu,UUID=GPU-01 note=\"one\r\n\\\"two\\\"\n\",DCGM_FI_DEV_GPU_TEMP=41i 1772366400250000000\n";
        String text = broken + TEMP + "value=42 1772366401250000000\n" + TEMP + "value=x 1\n";
        for (GpuSampleDecoder decoder :
                List.of(DECODER, GpuSampleDecoder.detecting().build())) {
            Decoded decoded = Decoded.of(decoder, text);
            assertThat(decoded.samples()).extracting(GpuSample::value).containsExactly(41.0, 42.0);
            assertThat(decoded.refusals()).containsExactly("line 5: field \"value\" is \"x\", not a number");
        }
    }

    @Test
    void textThatIsNeverClosed_costsItsLine() {
        String stray = "gpu,UUID=GPU-01 note=\"stray 1772366400250000000\n";
        Decoded decoded = decode(stray + TEMP + "value=42 1772366401250000000\n" + "gpu,UUID=GPU-01 note=\"whole\"\n"
                + stray + TEMP + "value=43 1772366402250000000\n");
        assertThat(decoded.samples()).extracting(GpuSample::value).containsExactly(42.0, 43.0);
        assertThat(decoded.refusals())
                .hasSize(2)
                .allSatisfy(reason -> assertThat(reason).endsWith(" is never closed"))
                .satisfiesExactly(
                        reason -> assertThat(reason).startsWith("line 1: "),
                        reason -> assertThat(reason).startsWith("line 4: "));
    }
}
