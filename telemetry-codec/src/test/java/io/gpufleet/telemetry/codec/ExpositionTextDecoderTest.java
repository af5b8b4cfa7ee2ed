package io.gpufleet.telemetry.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.gpu.MetricKind;
import io.gpufleet.telemetry.gpu.QualityFlag;
import io.gpufleet.telemetry.gpu.Scope;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Exposition text as exporters were seen to write it, and what it means. */
class ExpositionTextDecoderTest {
    private final SampleCounts counts = new SampleCounts();
    private final ExpositionTextDecoder decoder =
            ExpositionTextDecoder.builder().counts(counts).build();

    private Decoded decode(String text) {
        return Decoded.of(decoder, text);
    }

    private static String row(String metric, String labels, String value) {
        return metric + "{" + labels + "} " + value + "\n";
    }

    @Test
    void decode_leavesOutDcgmsCodesForNoValue() {
        Decoded decoded = decode("""
                DCGM_FI_DEV_GPU_TEMP{gpu="0",UUID="GPU-0a0a0a0a-0000-4000-8000-000000000001",Hostname="n1"} 41
                DCGM_FI_DEV_MEMORY_TEMP{gpu="0",UUID="GPU-0a0a0a0a-0000-4000-8000-000000000001",Hostname="n1"} 9223372036854775794
                DCGM_FI_DEV_RETIRED_DBE{gpu="0",UUID="GPU-0a0a0a0a-0000-4000-8000-000000000001",Hostname="n1"} 9223372036854775792
                DCGM_FI_DEV_ECC_DBE_VOL_TOTAL{gpu="0",UUID="GPU-0a0a0a0a-0000-4000-8000-000000000001",Hostname="n1"} 9.223372036854776e+18
                """);

        assertThat(decoded.readings()).containsExactly("01 GPU_TEMP 41");
        assertThat(decoded.refusals()).isEmpty();
        assertThat(counts.noValues()).isEqualTo(3);
    }

    @Test
    void decode_takesTheCodeOf32BitsForSmallFieldsOnly() {
        Decoded decoded = decode("""
                DCGM_FI_DEV_GPU_TEMP{gpu="0",UUID="GPU-0a0a0a0a-0000-4000-8000-000000000002"} 2147483634
                DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{gpu="0",UUID="GPU-0a0a0a0a-0000-4000-8000-000000000002"} 2147483634
                DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{gpu="1",UUID="GPU-0a0a0a0a-0000-4000-8000-000000000003"} 15347724978
                DCGM_FI_PROF_PCIE_RX_BYTES{gpu="1",UUID="GPU-0a0a0a0a-0000-4000-8000-000000000003"} 24000000000
                """);

        assertThat(decoded.readings())
                .containsExactly(
                        "02 TOTAL_ENERGY_CONSUMPTION 2147483634",
                        "03 TOTAL_ENERGY_CONSUMPTION 15347724978",
                        "03 PROF_PCIE_RX_BYTES 24000000000");
        assertThat(counts.noValues()).isEqualTo(1);
    }

    @Test
    void decode_takesTheCodeOfDoublesForDoublesOnly() {
        Decoded decoded = decode("""
                DCGM_FI_PROF_SM_ACTIVE{gpu="0",UUID="GPU-0a0a0a0a-0000-4000-8000-000000000004"} 140737488355328.000000
                DCGM_FI_PROF_DRAM_ACTIVE{gpu="0",UUID="GPU-0a0a0a0a-0000-4000-8000-000000000004"} 1.40737488355330e+14
                DCGM_FI_PROF_SM_OCCUPANCY{gpu="0",UUID="GPU-0a0a0a0a-0000-4000-8000-000000000004"} 0.312500
                DCGM_FI_DEV_NVLINK_COUNT_TX_BYTES{gpu="0",UUID="GPU-0a0a0a0a-0000-4000-8000-000000000004"} 140737488355330
                """);

        assertThat(decoded.readings())
                .containsExactly("04 PROF_SM_OCCUPANCY 0.3125", "04 NVLINK_COUNT_TX_BYTES 140737488355330");
        assertThat(counts.noValues()).isEqualTo(2);
    }

    private static final String IMPOSSIBLE = """
            DCGM_FI_DEV_GPU_TEMP{gpu="0",UUID="GPU-0a0a0a0a-0000-4000-8000-000000000005"} 644245923
            DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-0a0a0a0a-0000-4000-8000-000000000005"} 4294967295
            DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="GPU-0a0a0a0a-0000-4000-8000-000000000005"} 402.125000
            DCGM_FI_DEV_GPU_UTIL{gpu="1",UUID="GPU-0a0a0a0a-0000-4000-8000-000000000006"} 100
            """;

    @Test
    void decode_refusesReadingsThatNoGpuCanHave() {
        Decoded decoded = decode(IMPOSSIBLE);

        assertThat(decoded.readings()).containsExactly("05 POWER_USAGE 402.125", "06 GPU_UTIL 100");
        assertThat(decoded.refusals())
                .containsExactly(
                        "line 1: DCGM_FI_DEV_GPU_TEMP 644245923 is outside -50..150",
                        "line 2: DCGM_FI_DEV_GPU_UTIL 4294967295 is outside 0..100");
    }

    @Test
    void decode_keepsThemWithAFlagIfAsked() {
        Decoded decoded =
                Decoded.of(ExpositionTextDecoder.builder().keepOutOfRange().build(), IMPOSSIBLE);

        assertThat(decoded.samples())
                .extracting(sample -> sample.quality().contains(QualityFlag.OUT_OF_RANGE))
                .containsExactly(true, true, false, false);
        assertThat(decoded.refusals()).isEmpty();
    }

    @Test
    void decode_losesOneLineForOneBadLine() {
        Decoded decoded = decode("""
                # TYPE DCGM_FI_DEV_GPU_TEMP gauge
                DCGM_FI_DEV_GPU_TEMP{gpu="0",UUID="GPU-0b000000-0000-4000-8000-000000000001"} 50
                DCGM_FI_DEV_COMPUTE_PIDS{gpu="0",UUID="GPU-0b000000-0000-4000-8000-000000000001"} ERROR - FAILED TO CONVERT TO STRING
                DCGM_FI_DEV_CUDA_VISIBLE_DEVICES_STR{gpu="0",UUID="GPU-0b000000-0000-4000-8000-000000000001"} MIG-GPU-0b000000-0000-4000-8000-000000000001/3
                DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="GPU-0b000000-0000-4000-8000-000000000001"} 61.5
                """);

        assertThat(decoded.readings()).containsExactly("01 GPU_TEMP 50", "01 POWER_USAGE 61.5");
        assertThat(decoded.refusals())
                .containsExactly(
                        "line 3: value \"ERROR - FAILED TO CONVERT TO STRING\" is not a number",
                        "line 4: value \"MIG-GPU-0b000000-0000-4000-8000-000000000001/3\" is not a number");
    }

    @Test
    void decode_readsQuotedLabelValuesWhole() {
        GpuSample sample = decode("""
                        DCGM_FI_DEV_GPU_TEMP{gpu="0",UUID="GPU-0b000000-0000-4000-8000-000000000002",modelName="A \\"big\\" one, {rev=2} C:\\\\gpu",pod="a\\nb",Hostname="n,1",note="\\t"} 33
                        """).sample();

        GpuSubject subject = sample.subject();
        assertThat(sample.value()).isEqualTo(33);
        assertThat(subject.model()).isEqualTo("A \"big\" one, {rev=2} C:\\gpu");
        assertThat(subject.pod()).isEqualTo("a\nb");
        assertThat(subject.host()).isEqualTo("n,1");
        assertThat(subject.labels()).containsExactly(entry("note", "\\t"));
    }

    @Test
    void decode_readsBlanksAnywhereAndTypesFirst() {
        Decoded decoded = decode("""
                # HELP DCGM_FI_DEV_SM_CLOCK SM clock frequency (in MHz).
                # TYPE DCGM_FI_DEV_SM_CLOCK gauge
                # HELP DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION Total energy consumption since boot (in mJ).
                # TYPE DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION counter
                \tDCGM_FI_DEV_SM_CLOCK{gpu="0", UUID="GPU-0b000000-0000-4000-8000-000000000003",container="",namespace="",pod=""} 139\r
                \tDCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{gpu="0", UUID="GPU-0b000000-0000-4000-8000-000000000003",container="",namespace="",pod=""} 1000

                \tDCGM_FI_DEV_SM_CLOCK { gpu = "1" , UUID="GPU-0b000000-0000-4000-8000-000000000004", }\t1410\t
                """);

        assertThat(decoded.readings())
                .containsExactly("03 SM_CLOCK 139", "03 TOTAL_ENERGY_CONSUMPTION 1000", "04 SM_CLOCK 1410");
        assertThat(decoded.refusals()).isEmpty();
        assertThat(decoded.samples().get(0).subject().series()).isEmpty();
        assertThat(decoded.samples().get(0).subject())
                .isSameAs(decoded.samples().get(1).subject());
    }

    @Test
    void decode_allowsTypesTwiceAndTornFamilies() {
        Decoded decoded = decode("""
                # TYPE DCGM_FI_DEV_GPU_TEMP gauge
                DCGM_FI_DEV_GPU_TEMP{UUID="GPU-01"} 1
                # TYPE DCGM_FI_DEV_GPU_UTIL gauge
                DCGM_FI_DEV_GPU_UTIL{UUID="GPU-01"} 2
                # TYPE DCGM_FI_DEV_GPU_TEMP gauge
                DCGM_FI_DEV_GPU_TEMP{UUID="GPU-02"} 3
                """);

        assertThat(decoded.readings()).containsExactly("01 GPU_TEMP 1", "01 GPU_UTIL 2", "02 GPU_TEMP 3");
    }

    private static final String OPEN_METRICS = """
            # TYPE DCGM_FI_DEV_POWER_USAGE gauge
            # UNIT DCGM_FI_DEV_POWER_USAGE watts
            DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="GPU-0b000000-0000-4000-8000-000000000005"} 3.5e2 1772366400.25
            DCGM_FI_DEV_PCIE_REPLAY_COUNTER_total{gpu="0",UUID="GPU-0b000000-0000-4000-8000-000000000005"} 4 1772366400.25 # {trace_id="abc"} 1.0 1772366399.0
            # EOF
            """;

    @Test
    void decode_readsOpenMetrics() {
        Decoded decoded = decode(OPEN_METRICS);

        assertThat(decoded.readings()).containsExactly("05 POWER_USAGE 350", "05 PCIE_REPLAY_COUNTER 4");
        assertThat(decoded.samples())
                .extracting(GpuSample::time)
                .containsOnly(Instant.parse("2026-03-01T12:00:00.250Z"));
        assertThat(decoded.refusals()).isEmpty();
    }

    @Test
    void decode_readsMillisecondsInClassicText() {
        Decoded decoded = decode("""
                DCGM_FI_DEV_POWER_USAGE{UUID="GPU-05"} 350 1772366400250
                DCGM_FI_DEV_POWER_USAGE{UUID="GPU-06"} 350 1772366400.25
                """);

        assertThat(decoded.samples())
                .extracting(GpuSample::time)
                .containsExactly(Instant.parse("2026-03-01T12:00:00.250Z"));
        assertThat(decoded.refusals())
                .containsExactly("line 2: timestamp \"1772366400.25\" is not milliseconds since 1970");
    }

    @Test
    void decode_readsSecondsIfTheContentTypeSaysSo() {
        assertThat(Decoded.of(
                                ExpositionTextDecoder.builder().openMetrics().build(),
                                row("DCGM_FI_DEV_GPU_TEMP", "UUID=\"GPU-1\"", "40 1772366400.1234567"))
                        .sample()
                        .time())
                .isEqualTo("2026-03-01T12:00:00.123456Z");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-5", "1e9", "0x5", "999999999999999999", "9999999999999999999999", "1.5.5", "now"})
    void decode_refusesOtherTimes(String time) {
        for (String end : List.of("", "# EOF\n")) {
            Decoded decoded = decode(row("DCGM_FI_DEV_GPU_TEMP", "UUID=\"GPU-1\"", "40 " + time) + end);

            assertThat(decoded.samples()).isEmpty();
            assertThat(decoded.refusals()).singleElement().asString().startsWith("line 1: timestamp \"" + time + "\"");
        }
    }

    @Test
    void decode_refusesWhatStandsBehindTheEnd() {
        Decoded decoded = decode(OPEN_METRICS + "\n" + row("DCGM_FI_DEV_GPU_TEMP", "UUID=\"GPU-1\"", "40") + "# EOF\n");

        assertThat(decoded.samples()).hasSize(2);
        assertThat(decoded.refusals()).containsExactly("line 7: stands behind # EOF", "line 8: stands behind # EOF");
    }

    @ParameterizedTest
    @ValueSource(strings = {"# TYPE DCGM_FI_DEV_NEW gauge", "# more", "#", " \t# EOF", "# EOF"})
    void decode_refusesCommentsBehindTheEnd(String comment) {
        Decoded decoded = decode(OPEN_METRICS + " \n" + comment + "\n\r\n");

        assertThat(decoded.samples()).hasSize(2);
        assertThat(decoded.refusals()).containsExactly("line 7: stands behind # EOF");
    }

    @ParameterizedTest
    @ValueSource(strings = {"#\tTYPE\t", "#  TYPE ", "# \tTYPE  ", "# TYPE\t"})
    void decode_readsTypesBehindAnyBlanks(String type) {
        Decoded decoded = decode(type + "DCGM_FI_DEV_NEW counter\n" + row("DCGM_FI_DEV_NEW", "UUID=\"GPU-1\"", "1"));

        assertThat(decoded.sample().metric().kind()).isEqualTo(MetricKind.COUNTER);
    }

    @ParameterizedTest
    @ValueSource(strings = {"#TYPE ", "# TYPES ", "# TYPE_", "## TYPE "})
    void decode_takesOtherWordsForComments(String words) {
        Decoded decoded = decode(words + "DCGM_FI_DEV_NEW counter\n" + row("DCGM_FI_DEV_NEW", "UUID=\"GPU-1\"", "1"));

        assertThat(decoded.sample().metric().kind()).isEqualTo(MetricKind.GAUGE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "# TYPE DCGM_FI_DEV_NEW counter\n", "\n"})
    void decode_skipsAByteOrderMark(String before) {
        Decoded decoded = decode("\ufeff" + before + row("DCGM_FI_DEV_NEW", "UUID=\"GPU-01\"", "41"));

        assertThat(decoded.readings()).containsExactly("01 NEW 41");
        assertThat(decoded.refusals()).isEmpty();
        assertThat(decode("\ufeff").refusals()).isEmpty();
        assertThat(decode("\ufeff\ufeff" + row("DCGM_FI_DEV_NEW", "UUID=\"GPU-01\"", "41"))
                        .refusals())
                .hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"41 #x", "41 #", "41 #{a=\"b\"} 1", "41 1772366400000 #x", "41# {} 1", "N/A #x"})
    void decode_refusesASignOfAnExemplarWithoutBlanks(String rest) {
        Decoded decoded = decode(row("DCGM_FI_DEV_GPU_TEMP", "UUID=\"GPU-01\"", rest));

        assertThat(decoded.samples()).isEmpty();
        assertThat(decoded.refusals()).singleElement().asString().startsWith("line 1: ");
        assertThat(counts.noValues()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"41 # x", "41\t#\tx", "41 1772366400000 # {a=\"b\"} 1"})
    void decode_readsOverExemplars(String rest) {
        assertThat(decode(row("DCGM_FI_DEV_GPU_TEMP", "UUID=\"GPU-01\"", rest)).readings())
                .containsExactly("01 GPU_TEMP 41");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<<<NULL>>> 1772366400000",
                "N/A\t1772366400.25",
                "[GPU is lost]  1772366400000",
                "N/A 1 \t",
                "NaN 1772366400000"
            })
    void decode_takesWordsWithATimeForNoValue(String words) {
        Decoded decoded = decode(row("DCGM_FI_DEV_GPU_TEMP", "UUID=\"GPU-01\"", words));

        assertThat(decoded.refusals()).isEmpty();
        assertThat(counts.noValues()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ERROR 1772366400000", "N/A x", "N/A1772366400000", "N/A 1 2", "lost 1"})
    void decode_refusesOtherWordsWithATime(String words) {
        Decoded decoded = decode(row("DCGM_FI_DEV_GPU_TEMP", "UUID=\"GPU-01\"", words));

        assertThat(decoded.refusals()).containsExactly("line 1: value \"" + words + "\" is not a number");
        assertThat(counts.noValues()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"NaN", "nan", "+Inf", "-Inf", "Infinity", "inf", "<<<NOT_SUPPORTED>>>", "[N/A]", "N/A"})
    void decode_countsWhatIsNoNumber(String value) {
        Decoded decoded = decode(row("DCGM_FI_DEV_GPU_TEMP", "UUID=\"GPU-1\"", value));

        assertThat(decoded.samples()).isEmpty();
        assertThat(decoded.refusals()).isEmpty();
        assertThat(counts.noValues()).isEqualTo(1);
    }

    @Test
    void decode_leavesOutWhatIsNoGpu() {
        Decoded decoded = decode("""
                go_goroutines 12
                DCGM_FI_DEV_CPU_UTIL_TOTAL{cpu="0",Hostname="n1"} 0.2
                DCGM_FI_DEV_NVSWITCH_TEMPERATURE_CURRENT{nvswitch="nvswitch0",Hostname="n1"} 44
                DCGM_FI_DEV_GPU_TEMP{gpu="0",Hostname="n1"} 40
                """);

        assertThat(decoded.samples()).isEmpty();
        assertThat(counts.otherMetrics()).isEqualTo(1);
        assertThat(counts.notGpus()).isEqualTo(2);
        assertThat(decoded.refusals()).containsExactly("line 4: DCGM_FI_DEV_GPU_TEMP: no UUID");
    }

    @Test
    void decode_readsOtherDevicesIfAsked() {
        ExpositionTextDecoder all =
                ExpositionTextDecoder.builder().keepOtherDevices().build();

        Decoded decoded = Decoded.of(all, """
                DCGM_FI_DEV_CPU_UTIL_TOTAL{cpu="0",Hostname="n1"} 0.2
                DCGM_FI_DEV_CPU_UTIL_TOTAL{cpu="0",cpucore="3",Hostname="n1"} 0.3
                DCGM_FI_DEV_NVSWITCH_TEMPERATURE_CURRENT{nvswitch="nvswitch0",Hostname="n1"} 44
                DCGM_FI_DEV_CPU_UTIL_TOTAL{cpu="0"} 0.2
                DCGM_FI_DEV_GPU_TEMP{gpu="0",Hostname="n1"} 40
                """);

        assertThat(decoded.samples())
                .extracting(sample -> sample.subject().uuid())
                .containsExactly("n1/cpu:0", "n1/cpu:0/cpucore:3", "n1/nvswitch:nvswitch0");
        assertThat(decoded.samples().get(2).subject().series()).isEqualTo("nvswitch=nvswitch0");
        assertThat(decoded.refusals())
                .containsExactly(
                        "line 4: DCGM_FI_DEV_CPU_UTIL_TOTAL: neither UUID nor host",
                        "line 5: DCGM_FI_DEV_GPU_TEMP: no UUID");
    }

    /** What recurs is found without a look at its hash; a line that only begins like it is not it. */
    @Test
    void decode_readsLinesThatAreLikeThoseBefore() {
        Decoded decoded = decode(row("dcgm_gpu_temp", "UUID=\"GPU-01\"", "40")
                + row("dcgm_gpu_temp", "UUID=\"GPU-02\"", "41")
                + row("dcgm_gpu_temp", "UUID=\"GPU-01\"", "42")
                + row("dcgm_gpu_temp", "UUID=\"GPU-02\",pod=\"p\"", "43")
                + row("dcgm_gpu_temp", "UUID=\"GPU-02\"", "999")
                + row("dcgm_gpu_temp", "UUID=\"GPU-02\"", "N/A")
                + row("dcgm_gpu_temp", "UUID=\"GPU-01\"", "44 1772366400250")
                + row("dcgm_gpu_temp_total", "UUID=\"GPU-01\"", "45")
                + row("dcgm_gpu_temp", "UUID=\"GPU-01\"", "46 x")
                + "# EOF\n" + row("dcgm_gpu_temp", "UUID=\"GPU-01\"", "47"));

        assertThat(decoded.readings())
                .containsExactly(
                        "01 GPU_TEMP 40", "02 GPU_TEMP 41", "01 GPU_TEMP 42", "02 GPU_TEMP 43", "01 GPU_TEMP 45");
        assertThat(decoded.samples().get(0).subject())
                .isSameAs(decoded.samples().get(2).subject());
        assertThat(decoded.refusals())
                .extracting(refusal -> refusal.substring(0, refusal.indexOf(':')))
                .containsExactly("line 5", "line 7", "line 9", "line 11");
        assertThat(counts.noValues()).isEqualTo(1);
    }

    @Test
    void decode_readsOtherPrefixesAndUuidsIfAsked() {
        ExpositionTextDecoder amd = ExpositionTextDecoder.builder()
                .prefix("GPU_")
                .uuidLabel("serial_number")
                .build();

        GpuSample sample = Decoded.of(amd, row("GPU_PACKAGE_POWER", "gpu_id=\"0\",serial_number=\"S1\"", "42"))
                .sample();

        assertThat(sample.metric().name()).isEqualTo("GPU_PACKAGE_POWER");
        assertThat(sample.subject().uuid()).isEqualTo("S1");
    }

    @Test
    void decode_keepsTheRowsOfMigInstancesApart() {
        Decoded decoded = decode("""
                DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="GPU-0c000000-0000-4000-8000-000000000001",GPU_I_PROFILE="1g.5gb",GPU_I_ID="7",Hostname="n1"} 112.250000
                DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="GPU-0c000000-0000-4000-8000-000000000001",GPU_I_PROFILE="1g.5gb",GPU_I_ID="8",Hostname="n1"} 106.500000
                DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="GPU-0c000000-0000-4000-8000-000000000001",GPU_I_PROFILE="2g.10gb",GPU_I_ID="5",Hostname="n1"} 112.250000
                DCGM_FI_DEV_FB_USED{gpu="0",UUID="GPU-0c000000-0000-4000-8000-000000000001",GPU_I_PROFILE="1g.5gb",GPU_I_ID="7",Hostname="n1"} 6
                DCGM_FI_DEV_FB_USED{gpu="0",UUID="GPU-0c000000-0000-4000-8000-000000000001",GPU_I_PROFILE="1g.5gb",GPU_I_ID="8",Hostname="n1"} 4384
                DCGM_FI_DEV_FB_USED{gpu="0",UUID="GPU-0c000000-0000-4000-8000-000000000001",GPU_I_PROFILE="2g.10gb",GPU_I_ID="5",Hostname="n1"} 13
                DCGM_FI_PROF_GR_ENGINE_ACTIVE{gpu="0",UUID="GPU-0c000000-0000-4000-8000-000000000001",GPU_I_PROFILE="1g.5gb",GPU_I_ID="7",Hostname="n1"} 0.000000
                DCGM_FI_PROF_GR_ENGINE_ACTIVE{gpu="0",UUID="GPU-0c000000-0000-4000-8000-000000000001",GPU_I_PROFILE="1g.5gb",GPU_I_ID="8",Hostname="n1"} 0.408500
                DCGM_FI_PROF_GR_ENGINE_ACTIVE{gpu="0",UUID="GPU-0c000000-0000-4000-8000-000000000001",GPU_I_PROFILE="2g.10gb",GPU_I_ID="5",Hostname="n1"} 0.250000
                DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-0c000000-0000-4000-8000-000000000001",GPU_I_PROFILE="1g.5gb",GPU_I_ID="7",Hostname="n1"} 0
                """);

        assertThat(decoded.readings())
                .containsExactly(
                        "01 gi:7 POWER_USAGE 112.25",
                        "01 gi:8 POWER_USAGE 106.5",
                        "01 gi:5 POWER_USAGE 112.25",
                        "01 gi:7 FB_USED 6",
                        "01 gi:8 FB_USED 4384",
                        "01 gi:5 FB_USED 13",
                        "01 gi:7 PROF_GR_ENGINE_ACTIVE 0",
                        "01 gi:8 PROF_GR_ENGINE_ACTIVE 0.4085",
                        "01 gi:5 PROF_GR_ENGINE_ACTIVE 0.25");
        assertThat(decoded.samples()).extracting(GpuSample::scope).containsOnly(Scope.MIG_INSTANCE);
        assertThat(decoded.samples().get(2).subject().migProfile()).isEqualTo("2g.10gb");
        assertThat(counts.noValues()).isEqualTo(1);
    }

    @Test
    void decode_marksTheCopiesOfWorkloads() {
        String labels = "gpu=\"0\",UUID=\"GPU-2\",Hostname=\"n1\",container=\"c\",namespace=\"ml\"";
        String shared = row("DCGM_FI_DEV_POWER_USAGE", labels + ",pod=\"a\",vgpu=\"0\"", "200.000000")
                + row("DCGM_FI_DEV_POWER_USAGE", labels + ",pod=\"b\",vgpu=\"1\"", "200.000000");
        String whole = row("DCGM_FI_DEV_POWER_USAGE", "gpu=\"0\",UUID=\"GPU-2\",Hostname=\"n1\"", "200.000000");

        assertThat(decode(shared).samples())
                .extracting(GpuSample::scope)
                .containsExactly(Scope.WORKLOAD, Scope.WORKLOAD);
        assertThat(decode(shared + whole).samples())
                .extracting(GpuSample::scope)
                .containsExactly(Scope.WORKLOAD, Scope.WORKLOAD, Scope.WHOLE_GPU);
    }

    @Test
    void decode_keepsAGpuOneGpuWhenItsPodChanges() {
        List<GpuSample> samples = new ArrayList<>();
        for (String pod : List.of("", "p1", "p2")) {
            samples.add(decode(row("DCGM_FI_DEV_GPU_UTIL", "gpu=\"0\",UUID=\"U\",pod=\"" + pod + "\"", "80"))
                    .sample());
        }

        assertThat(samples).extracting(sample -> sample.subject().uuid()).containsOnly("U");
        assertThat(samples).extracting(GpuSample::scope).containsOnly(Scope.WHOLE_GPU);
        assertThat(samples).extracting(sample -> sample.subject().series()).containsExactly("", "pod=p1", "pod=p2");
    }

    @Test
    void decode_knowsTheNamesSinceDcgm46() {
        Decoded decoded = decode("""
                DCGM_FI_DEV_GPU_UTIL_RATIO{gpu="0",UUID="GPU-0d000000-0000-4000-8000-000000000001"} 87
                DCGM_FI_PROF_SM_UTIL_RATIO{gpu="0",UUID="GPU-0d000000-0000-4000-8000-000000000001"} 0.870000
                DCGM_FI_DEV_GPU_TEMP_CELSIUS{gpu="0",UUID="GPU-0d000000-0000-4000-8000-000000000001"} 61
                DCGM_FI_DEV_BOARD_POWER_WATTS{gpu="0",UUID="GPU-0d000000-0000-4000-8000-000000000001"} 512.500000
                DCGM_FI_DEV_XID_ERROR{gpu="0",UUID="GPU-0d000000-0000-4000-8000-000000000001"} 0
                """);

        assertThat(decoded.readings())
                .containsExactly(
                        "01 GPU_UTIL 87",
                        "01 PROF_SM_ACTIVE 0.87",
                        "01 GPU_TEMP 61",
                        "01 POWER_USAGE 512.5",
                        "01 XID_ERRORS 0");
    }

    @Test
    void decode_knowsTheNamesOfTheFirstExporters() {
        Decoded decoded = decode("""
                dcgm_gpu_temp{gpu="0",uuid="GPU-0d000000-0000-4000-8000-000000000002",device="nvidia0",Hostname="n1",container_name="c",pod_namespace="ns",pod_name="p"} 54
                """);

        assertThat(decoded.readings()).containsExactly("02 GPU_TEMP 54");
        GpuSubject subject = decoded.sample().subject();
        assertThat(subject.namespace() + "/" + subject.pod() + "/" + subject.container())
                .isEqualTo("ns/p/c");
        assertThat(subject.device()).isEqualTo("nvidia0");
        assertThat(subject.index()).hasValue(0);
        assertThat(subject.labels()).isEmpty();
    }

    @Test
    void decode_believesTypesOfUnknownMetricsOnly() {
        Decoded decoded = decode("""
                DCGM_FI_DEV_LATER{UUID="GPU-1"} 7
                # TYPE DCGM_FI_DEV_LATER counter
                # TYPE DCGM_FI_DEV_PCIE_TX_THROUGHPUT counter
                # TYPE DCGM_FI_DEV_MORE counter
                # TYPE DCGM_FI_DEV_UNTYPED untyped
                # TYPE DCGM_EXP_XID_ERRORS_COUNT counter
                DCGM_FI_DEV_PCIE_TX_THROUGHPUT{UUID="GPU-1"} 7
                DCGM_FI_DEV_MORE_total{UUID="GPU-1"} 7
                DCGM_FI_DEV_UNTYPED{UUID="GPU-1"} 7
                DCGM_EXP_XID_ERRORS_COUNT{UUID="GPU-1",window_size_in_ms="300000",xid="31"} 2
                DCGM_EXP_XID_ERRORS_COUNT{UUID="GPU-1",window_size_in_ms="300000",xid="45"} 1
                """);

        assertThat(decoded.samples())
                .extracting(sample -> sample.metric().kind())
                .containsExactly(
                        MetricKind.COUNTER,
                        MetricKind.GAUGE,
                        MetricKind.COUNTER,
                        MetricKind.GAUGE,
                        MetricKind.GAUGE,
                        MetricKind.GAUGE);
        assertThat(decoded.samples().get(4).subject().series()).isEqualTo("window_size_in_ms=300000;xid=31");
        assertThat(decoded.samples().get(5).scope()).isEqualTo(Scope.SERIES);
    }

    @Test
    void decode_takesTheExportedWorkload() {
        GpuSubject subject = decode(row(
                        "DCGM_FI_DEV_GPU_TEMP",
                        "UUID=\"GPU-1\",pod=\"dcgm-exporter-x2k9p\",namespace=\"monitoring\",container=\"exporter\","
                                + "exported_pod=\"train-0\",exported_namespace=\"ml\",exported_container=\"main\"",
                        "40"))
                .sample()
                .subject();

        assertThat(subject.namespace() + "/" + subject.pod() + "/" + subject.container())
                .isEqualTo("ml/train-0/main");
        assertThat(subject.series()).isEqualTo("container=main;namespace=ml;pod=train-0");
        assertThat(subject.labels()).containsEntry("pod", "dcgm-exporter-x2k9p");
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '\'', textBlock = """
        'exported_Hostname="a",exported_hostname="b",Hostname="c"', a
        'exported_hostname="b",Hostname="c"',               b
        'hostname="d",Hostname="c"',                        c
        'hostname="d",node="e"',                            d
        'kubernetes_node="f",node="e"',                     e
        'kubernetes_node="f",instance="g:9400"',            f
        'instance="g:9400"',                                g
        'instance="10.0.0.1:9400"',                         10.0.0.1
        'instance="[fe80::1]:9400"',                        fe80::1
        'instance="h"',                                     h
        'instance="fe80::1"',                               fe80::1
        'instance="http://n1:9400/metrics"',                n1
        'instance="https://n1/metrics"',                    n1
        'instance="http://[fe80::1]:9400/"',                fe80::1
        'instance="p:9400",pod="p",exported_pod="w"',       ''
        'instance="p:9400",pod="p"',                        p
        'instance="p",pod="p",exported_pod="w"',            ''
        'instance="http://p:9400/m",pod="p",exported_pod="w"', ''
        'Hostname="p:9400",pod="p",exported_pod="w",instance="i:1"', i
        'Hostname="i:9400",pod="p",exported_pod="w"',       i:9400
        'Hostname="dcgm-x",pod="dcgm-x",exported_pod="p",node="e"', e
        'Hostname="dcgm-x",pod="dcgm-x",node="e"',          dcgm-x
        'job="dcgm"',                                       ''
        """)
    void decode_findsTheHost(String labels, String host) {
        String text = row("DCGM_FI_DEV_GPU_TEMP", "UUID=\"GPU-1\"," + labels, "40");

        assertThat(decode(text).sample().subject().host()).isEqualTo(host);
    }

    @Test
    void decode_prefersTheHostOfTheCaller() {
        byte[] text = row("DCGM_FI_DEV_GPU_TEMP", "UUID=\"GPU-1\",Hostname=\"pod-7\"", "40")
                .getBytes(StandardCharsets.UTF_8);
        ExpositionTextDecoder named = ExpositionTextDecoder.builder().host("n1").build();
        ExpositionTextDecoder resolving = ExpositionTextDecoder.builder()
                .hostResolver((labels, host) -> labels.get("UUID") + "@" + host)
                .build();

        assertThat(Decoded.of(named, text).sample().subject().host()).isEqualTo("n1");
        assertThat(Decoded.of(named, text, ScrapeContext.of(Decoded.NOON, "n2"))
                        .sample()
                        .subject()
                        .host())
                .isEqualTo("n2");
        assertThat(Decoded.of(resolving, text).sample().subject().host()).isEqualTo("GPU-1@pod-7");
    }

    @Test
    void decode_readsTheRowsOfLinks() {
        StringBuilder text = new StringBuilder();
        for (int link = 0; link < 18; link++) {
            text.append(row(
                    "DCGM_FI_DEV_NVLINK_TX_BANDWIDTH",
                    "nvlink=\"" + link + "\",gpu=\"0\",gpu_uuid=\"GPU-1\",pci_bus_id=\"00000000:18:00.0\","
                            + "device=\"nvidia0\",model_name=\"H100\",Hostname=\"n1\"",
                    "12345"));
        }

        List<GpuSample> samples = decode(text.toString()).samples();

        assertThat(samples).extracting(GpuSample::key).doesNotHaveDuplicates().hasSize(18);
        assertThat(samples).extracting(GpuSample::scope).containsOnly(Scope.LINK);
        GpuSubject subject = samples.get(3).subject();
        assertThat(subject.uuid() + " " + subject.instance() + " " + subject.model() + " " + subject.pciBusId())
                .isEqualTo("GPU-1 nvlink:3 H100 00000000:18:00.0");
        assertThat(subject.labels()).isEmpty();
    }

    @Test
    void decode_needsATimeFromSomewhere() {
        byte[] text = row("DCGM_FI_DEV_GPU_TEMP", "UUID=\"GPU-1\"", "40").getBytes(StandardCharsets.UTF_8);
        Instant other = Decoded.NOON.plusSeconds(1);

        assertThat(Decoded.of(decoder, text, ScrapeContext.NONE).refusals())
                .containsExactly("line 1: no time; give scrapeTime(...) or the header telemetry-scrape-time");
        ExpositionTextDecoder timed =
                ExpositionTextDecoder.builder().scrapeTime(other).build();
        assertThat(Decoded.of(timed, text, ScrapeContext.NONE).sample().time()).isEqualTo(other);
        assertThat(Decoded.of(timed, text).sample().time()).isEqualTo(Decoded.NOON);
    }

    @Test
    void decode_leavesOutLabelFields() {
        Decoded decoded = decode(row("DCGM_FI_DEV_VBIOS_VERSION", "UUID=\"GPU-1\"", "96.00.74.00.01"));

        assertThat(decoded.samples()).isEmpty();
        assertThat(decoded.refusals()).isEmpty();
        assertThat(counts.labelFields()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '\'', textBlock = """
        'Internal Server Error',                        'value "Server Error" is not a number'
        '<html>',                                       'metric name expected, found "<html>"'
        '404 page not found',                           'metric name expected, found "404 page not found"'
        'DCGM_FI_DEV_GPU_TEMP{UUID="GPU-1"}',           'value "" is not a number'
        'DCGM_FI_DEV_GPU_TEMP{UUID="GPU-1" 41',         'label set not closed'
        'DCGM_FI_DEV_GPU_TEMP{UUID="GPU-1} 41',         'label set not closed'
        'DCGM_FI_DEV_GPU_TEMP{UUID="GPU-1",a="say "hi""} 41', 'comma or } expected'
        'DCGM_FI_DEV_GPU_TEMP{UUID="GPU-1",UUID="GPU-2"} 41', 'label "UUID" stands twice'
        'DCGM_FI_DEV_GPU_TEMP{UUID="GPU-1"} 41 1772366400000 x', 'text behind the time: "x"'
        'DCGM_FI_DEV_GPU_TEMP 41',                      'DCGM_FI_DEV_GPU_TEMP: no UUID'
        """)
    void decode_refusesBrokenLines(String line, String reason) {
        Decoded decoded = decode("\n" + line + "\n" + row("DCGM_FI_DEV_GPU_TEMP", "UUID=\"GPU-01\"", "41"));

        assertThat(decoded.refusals()).containsExactly("line 2: " + reason);
        assertThat(decoded.readings()).containsExactly("01 GPU_TEMP 41");
    }

    @Test
    void decode_keepsToTheLimits() {
        ExpositionTextDecoder small = ExpositionTextDecoder.builder()
                .maxMessageBytes(300)
                .maxLineBytes(100)
                .maxLabelBytes(20)
                .maxLabels(2)
                .build();

        assertThat(Decoded.of(small, row("DCGM_A", "UUID=\"GPU-1\",a=\"" + "x".repeat(21) + "\"", "1"))
                        .refusals())
                .containsExactly("line 1: label \"a\" has 21 bytes, the limit is 20");
        assertThat(Decoded.of(small, row("DCGM_A", "UUID=\"GPU-1\",a=\"1\",b=\"\"", "1"))
                        .refusals())
                .containsExactly("line 1: more than 2 labels");
        assertThat(Decoded.of(small, row("DCGM_" + "A".repeat(100), "UUID=\"GPU-1\"", "1"))
                        .refusals())
                .singleElement()
                .asString()
                .endsWith("bytes, the limit is 100");
        assertThat(Decoded.of(small, "\n".repeat(301)).fault()).isEqualTo("message has 301 bytes, the limit is 300");
        assertThat(Decoded.of(small, "#".repeat(300)).refusals()).isEmpty();
    }

    @Test
    void decode_replacesMalformedTextAndCountsIt() {
        byte[] text =
                row("DCGM_FI_DEV_GPU_TEMP", "UUID=\"GPU-1\",pod=\"?\"", "40").getBytes(StandardCharsets.UTF_8);
        text[new String(text, StandardCharsets.UTF_8).indexOf('?')] = (byte) 0xff;

        assertThat(Decoded.of(decoder, text).sample().subject().pod()).isEqualTo("\ufffd");
        assertThat(counts.malformedTexts()).isEqualTo(1);
    }

    @Test
    void decode_refusesAnOpenEnd() {
        String text = row("DCGM_FI_DEV_GPU_TEMP", "UUID=\"GPU-01\"", "41");
        String open = text + text.strip();

        Decoded decoded = decode(open);
        Decoded accepted =
                Decoded.of(ExpositionTextDecoder.builder().acceptOpenEnd().build(), open);

        assertThat(decoded.readings()).containsExactly("01 GPU_TEMP 41");
        assertThat(decoded.refusals()).containsExactly("line 2: no line feed ends the line");
        assertThat(accepted.readings()).containsExactly("01 GPU_TEMP 41", "01 GPU_TEMP 41");
    }

    @Test
    void decode_refusesRubbishTogether() {
        String text = "rubbish\n".repeat(100_000) + row("DCGM_FI_DEV_GPU_TEMP", "UUID=\"GPU-01\"", "41");

        Decoded decoded = decode(text);

        assertThat(decoded.readings()).containsExactly("01 GPU_TEMP 41");
        assertThat(decoded.refusals()).hasSize(1001);
        assertThat(decoded.refusals().get(1000)).isEqualTo("line 1001 and later: 99000 more of them are refused");
        assertThat(decoded.refused().last()).isEqualTo(1001);
    }

    @Test
    void decode_readsGzipUpToItsEnd() {
        String text = IMPOSSIBLE + OPEN_METRICS;
        byte[] packed = InflatedTest.gzip(text);
        Decoded whole = decode(text);

        assertThat(Decoded.of(decoder, packed).samples()).isEqualTo(whole.samples());
        Decoded cut = Decoded.of(decoder, Arrays.copyOf(packed, packed.length - 1));
        assertThat(cut.samples()).isEqualTo(whole.samples());
        assertThat(cut.fault()).isEqualTo("unexpected end of gzip data after line 9");
    }

    @Test
    void decode_readsNothingBeyondTheLimitOfABuffer() {
        byte[] text = (row("DCGM_FI_DEV_GPU_TEMP", "UUID=\"GPU-01\"", "41") + "more").getBytes(StandardCharsets.UTF_8);
        for (ByteBuffer buffer : List.of(
                ByteBuffer.wrap(text, 0, text.length - 4).slice(),
                ByteBuffer.wrap(text).limit(text.length - 4).asReadOnlyBuffer(),
                ByteBuffer.allocateDirect(text.length).put(text).flip().limit(text.length - 4))) {
            List<GpuSample> samples = new ArrayList<>();
            decoder.decode(buffer, ScrapeContext.at(Decoded.NOON), strict(samples));
            assertThat(samples).hasSize(1);
        }
    }

    private static Decoder.Values<GpuSample> strict(List<GpuSample> samples) {
        return new Decoder.Values<>() {
            @Override
            public void accept(GpuSample sample) {
                samples.add(sample);
            }

            @Override
            public void refuse(String reason) {
                throw new AssertionError(reason);
            }
        };
    }

    @Test
    void excerpt_hasTheRefusedLinesWithTheirTypes() {
        String text = """
                # TYPE DCGM_FI_DEV_GPU_TEMP gauge
                # TYPE DCGM_FI_DEV_NEW counter
                DCGM_FI_DEV_GPU_TEMP{UUID="GPU-01"} 40
                DCGM_FI_DEV_NEW{UUID="GPU-01"} many
                DCGM_FI_DEV_NEW{UUID="GPU-02"} more\r
                rubbish
                # EOF
                DCGM_FI_DEV_GPU_TEMP{UUID="GPU-01"} 4""";
        Decoded decoded = decode(text);

        String excerpt = new String(
                decoder.excerpt(text.getBytes(StandardCharsets.UTF_8), decoded.refused()), StandardCharsets.UTF_8);

        assertThat(excerpt).isEqualTo("""
                        # TYPE DCGM_FI_DEV_NEW counter
                        DCGM_FI_DEV_NEW{UUID="GPU-01"} many
                        DCGM_FI_DEV_NEW{UUID="GPU-02"} more
                        rubbish
                        # EOF
                        DCGM_FI_DEV_GPU_TEMP{UUID="GPU-01"} 4""");
        assertThat(decode(excerpt).samples()).isEmpty();
        assertThat(decode(excerpt).refusals()).hasSize(4);
    }

    @Test
    void excerpt_hasRefusedCommentsBehindTheEnd() {
        String text = OPEN_METRICS + "# more\n";

        byte[] excerpt = decoder.excerpt(
                text.getBytes(StandardCharsets.UTF_8), decode(text).refused());

        assertThat(new String(excerpt, StandardCharsets.UTF_8)).isEqualTo("# EOF\n# more\n");
    }

    @Test
    void excerpt_countsNothingAgain() {
        String text = row("DCGM_FI_DEV_GPU_TEMP", "UUID=\"GPU-01\"", "NaN") + "rubbish\n";
        Decoded decoded = decode(text);

        decoder.excerpt(text.getBytes(StandardCharsets.UTF_8), decoded.refused());

        assertThat(counts.noValues()).isEqualTo(1);
    }

    @Test
    void excerpt_findsSamplesThatWereRefusedLater() {
        byte[] text = OPEN_METRICS.getBytes(StandardCharsets.UTF_8);

        byte[] excerpt = decoder.excerpt(text, new TreeSet<>(List.of(1)));

        assertThat(Decoded.of(decoder, excerpt).samples())
                .containsExactly(Decoded.of(decoder, text).samples().get(1));
    }

    @Test
    void excerpt_isAtMost64KiB() {
        String many = row("DCGM_" + "A".repeat(1000), "UUID=\"GPU-1\"", "x").repeat(100);
        String one = row("DCGM_A", "UUID=\"" + "U".repeat(60_000) + "\",a=\"" + "a".repeat(60_000) + "\"", "x");

        assertThat(decoder.excerpt(
                        many.getBytes(StandardCharsets.UTF_8), decode(many).refused()))
                .hasSizeBetween(60_000, 64 << 10);
        byte[] cut = decoder.excerpt(
                one.getBytes(StandardCharsets.UTF_8), decode(one).refused());
        assertThat(cut).hasSizeBetween(60_000, 64 << 10);
        assertThat(Decoded.of(decoder, cut).refusals()).hasSize(1);
    }

    @Test
    void decode_takesAnyCarriageReturnsAsTheEndOfALine() {
        assertThat(decode("DCGM_A{UUID=\"GPU-01\"} 41 \r\r\n").readings()).containsExactly("01 DCGM_A 41");
    }

    @Test
    void excerpt_isNoGzipThoughALineBeginsLikeIt() {
        byte[] text = "\n??rubbish\n".getBytes(StandardCharsets.UTF_8);
        text[1] = 0x1f;
        text[2] = (byte) 0x8b;

        byte[] excerpt = decoder.excerpt(text, Decoded.of(decoder, text).refused());

        assertThat(excerpt).isEqualTo(text);
        assertThat(Decoded.of(decoder, excerpt).refusals()).hasSize(1);
    }

    @Test
    void excerpt_ofTextThatWasCutOffIsAllOfIt() {
        byte[] packed = InflatedTest.gzip(OPEN_METRICS);
        byte[] cut = Arrays.copyOf(packed, packed.length - 1);

        assertThat(decoder.excerpt(cut, Decoded.of(decoder, cut).refused())).isSameAs(cut);
    }

    @Test
    void builder_refusesBadOptions() {
        ExpositionTextDecoder.Builder builder = ExpositionTextDecoder.builder();

        assertThatThrownBy(() -> builder.host(" ")).hasMessageContaining("host: \" \" is blank");
        assertThatThrownBy(() -> builder.prefix("")).hasMessageContaining("prefix");
        assertThatThrownBy(() -> builder.maxLabels(0)).hasMessage("maxLabels: 0 is not between 1 and 10000");
        assertThatThrownBy(() -> builder.maxLineBytes(-1)).hasMessageContaining("maxLineBytes: -1");
        assertThatThrownBy(() -> builder.maxLabelBytes(0)).hasMessageContaining("maxLabelBytes: 0");
        assertThatThrownBy(() -> builder.maxMessageBytes((256 << 20) + 1)).hasMessageContaining("maxMessageBytes");
        assertThatThrownBy(() -> decoder.decode((ByteBuffer) null, strict(List.of())))
                .isInstanceOf(NullPointerException.class);
    }
}
