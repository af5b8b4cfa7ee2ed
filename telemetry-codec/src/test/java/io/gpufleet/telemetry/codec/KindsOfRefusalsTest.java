package io.gpufleet.telemetry.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.time.ZoneOffset;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the refusals of a record have in common with those of another one, and what is counted beside them. */
class KindsOfRefusalsTest {
    private static final ExpositionTextDecoder TEXT = ExpositionTextDecoder.create();
    private static final SampleCsvDecoder CSV = SampleCsvDecoder.create();

    private static List<String> kinds(GpuSampleDecoder decoder, String text) {
        return Decoded.of(decoder, text).kinds();
    }

    private static List<String> kinds(String text) {
        return kinds(TEXT, text);
    }

    @Test
    void kind_isTheSameInTheNextScrape() {
        String scrape = """
                DCGM_FI_DEV_COMPUTE_PIDS{gpu="0",UUID="GPU-01"} ERROR - FAILED TO CONVERT TO STRING
                DCGM_FI_DEV_GPU_TEMP{gpu="0",UUID="GPU-01"} 644245923
                """;
        String later = """
                # TYPE DCGM_FI_DEV_GPU_TEMP gauge
                DCGM_FI_DEV_GPU_TEMP{gpu="0",UUID="GPU-01",pod="other"} 644245924
                DCGM_FI_DEV_COMPUTE_PIDS{gpu="0",UUID="GPU-01",pod="other"} ERROR - FAILED TO CONVERT TO STRING
                """;

        assertThat(kinds(scrape)).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(kinds(later));
        assertThat(kinds(scrape))
                .containsExactly(
                        "GPU-01 DCGM_FI_DEV_COMPUTE_PIDS: value \"ERROR - FAILED TO CONVERT TO STRING\" is not a number",
                        "GPU-01 DCGM_FI_DEV_GPU_TEMP: DCGM_FI_DEV_GPU_TEMP 0 is outside -0..0");
    }

    @Test
    void kind_differsByGpuMetricAndReason() {
        assertThat(kinds("""
                DCGM_FI_DEV_GPU_TEMP{gpu="0",UUID="GPU-01"} 644245923
                DCGM_FI_DEV_GPU_TEMP{gpu="1",UUID="GPU-02"} 644245923
                DCGM_FI_DEV_MEMORY_TEMP{gpu="0",UUID="GPU-01"} 644245923
                DCGM_FI_DEV_GPU_TEMP{gpu="0",UUID="GPU-01"} hot
                DCGM_FI_DEV_GPU_TEMP{gpu="0",UUID="GPU-01"} 41 yesterday
                DCGM_FI_DEV_GPU_TEMP{gpu="0",pod="say "hi""} 41
                DCGM_FI_DEV_GPU_TEMP{gpu="0"} 41
                """)).hasSize(7).doesNotHaveDuplicates();
    }

    @Test
    void kind_isTheSameForTheOtherForms() {
        String csv = "timestamp,metric_name,uuid,value\n";
        String first = "2026-03-01T12:00:00Z,DCGM_FI_DEV_GPU_TEMP,GPU-01,x\n";
        String later = "2026-03-01T12:00:30Z,DCGM_FI_DEV_GPU_TEMP,GPU-01,x\n";
        assertThat(kinds(CSV, csv + first + later))
                .isEqualTo(Collections.nCopies(2, "GPU-01 DCGM_FI_DEV_GPU_TEMP: value \"x\" is not a number"));

        String json =
                "{\"timestamp\":\"%s\",\"metric_name\":\"DCGM_FI_DEV_GPU_TEMP\",\"uuid\":\"GPU-01\",\"value\":41}";
        assertThat(kinds(SampleJsonDecoder.create(), json.formatted("2026-03-01 12:00:00")))
                .hasSize(1)
                .isEqualTo(kinds(SampleJsonDecoder.create(), json.formatted("2026-03-01 12:00:30")));

        NvidiaSmiCsvDecoder smi =
                NvidiaSmiCsvDecoder.builder().zone(ZoneOffset.UTC).build();
        String row = "timestamp, uuid, temperature.gpu\n2026/03/01 12:00:00.250, GPU-01, hot\n";
        assertThat(kinds(smi, row))
                .containsExactly("GPU-01 DCGM_FI_DEV_GPU_TEMP: temperature.gpu: value \"hot\" is not a number");
    }

    @Test
    void kind_isThatOfTheGpuForEventsToo() {
        String event = "{\"timestamp\":\"2026-03-01T12:00:00Z\",\"gpu\":{\"gpu_uuid\":\"GPU-01\"},"
                + "\"metrics\":{\"health\":{\"gpu_temp_c\":\"hot\"}}}";

        assertThat(kinds(MetricEventDecoder.create(), event))
                .containsExactly(
                        "GPU-01 metrics.health.gpu_temp_c: metrics.health.gpu_temp_c: type, \"\"hot\"\" is not a number");
    }

    @Test
    void kind_ofUnreadableLabels_isThatOfTheGpu() {
        String row = "DCGM_FI_DEV_GPU_TEMP{gpu=\"0\",UUID=\"GPU-%s\",pod_label=\"say \"hi\"\"} %d\n";
        String open = "DCGM_FI_DEV_GPU_TEMP{gpu=\"0\",UUID=\"GPU-%s\",pod_label=\"say \"hi\"} %d\n";

        assertThat(kinds(row.formatted("01", 41) + row.formatted("02", 41) + row.formatted("01", 42)))
                .containsExactly(
                        "GPU-01 DCGM_FI_DEV_GPU_TEMP: comma or } expected",
                        "GPU-02 DCGM_FI_DEV_GPU_TEMP: comma or } expected",
                        "GPU-01 DCGM_FI_DEV_GPU_TEMP: comma or } expected");
        assertThat(kinds(open.formatted("01", 41) + open.formatted("02", 42)))
                .containsExactly(
                        "GPU-01 DCGM_FI_DEV_GPU_TEMP: label set not closed",
                        "GPU-02 DCGM_FI_DEV_GPU_TEMP: label set not closed");
        assertThat(kinds(CSV, """
                timestamp,metric_name,uuid,value
                2026-03-01T12:00:00Z,DCGM_FI_DEV_GPU_TEMP,GPU-01
                2026-03-01T12:00:00Z,DCGM_FI_DEV_GPU_TEMP,MIG-GPU-02/3/0
                """))
                .containsExactly(
                        "GPU-01 DCGM_FI_DEV_GPU_TEMP: expected 0 fields, found 0",
                        "MIG-GPU-02/3/0 DCGM_FI_DEV_GPU_TEMP: expected 0 fields, found 0");
    }

    @Test
    void kind_ofARowWithoutAGpu_isThatOfTheHost() {
        String row = "DCGM_FI_DEV_GPU_TEMP{gpu=\"0\",Hostname=\"%s\"} 41\n";
        String json = "[{\"timestamp\":\"2026-03-01T12:00:00Z\",\"metric_name\":\"DCGM_FI_DEV_GPU_TEMP\","
                + "\"Hostname\": \"%s\",\"value\":41}]";

        assertThat(kinds(row.formatted("node-1") + row.formatted("node-2")))
                .containsExactly(
                        "node-1 DCGM_FI_DEV_GPU_TEMP: DCGM_FI_DEV_GPU_TEMP: no UUID",
                        "node-2 DCGM_FI_DEV_GPU_TEMP: DCGM_FI_DEV_GPU_TEMP: no UUID");
        assertThat(kinds(SampleJsonDecoder.create(), json.formatted("node-1")))
                .containsExactly("node-1 DCGM_FI_DEV_GPU_TEMP: no UUID");
        assertThat(kinds(ExpositionTextDecoder.builder().host("node-3").build(), "rubbish\n"))
                .containsExactly("node-3: value \"\" is not a number");
    }

    @Test
    void kind_isThatOfAllRefusalsBeyondTheLimit() {
        List<String> kinds = kinds("rubbish\n".repeat(1_500));

        assertThat(kinds)
                .hasSize(1_001)
                .last()
                .isEqualTo("more of them are refused, the first: value \"\" is not a number");
    }

    @Test
    void counts_areThoseOfTheRecord() {
        SampleCounts all = new SampleCounts();
        ExpositionTextDecoder decoder =
                ExpositionTextDecoder.builder().counts(all).build();
        String text = """
                DCGM_FI_DEV_GPU_TEMP{gpu="0",UUID="GPU-01"} 41
                DCGM_FI_DEV_MEMORY_TEMP{gpu="0",UUID="GPU-01"} 9223372036854775794
                DCGM_FI_DEV_FAN_SPEED{gpu="0",UUID="GPU-01"} NaN
                DCGM_FI_DRIVER_VERSION{gpu="0",UUID="GPU-01"} 550
                DCGM_FI_DEV_NVSWITCH_TEMPERATURE_CURRENT{nvswitch="nvswitch0"} 44
                go_goroutines 12
                """;

        for (int i = 0; i < 2; i++) {
            assertThat(Decoded.of(decoder, text).counts())
                    .containsOnly(
                            entry("no value", 2),
                            entry("label field", 1),
                            entry("not a GPU", 1),
                            entry("other metric", 1));
        }
        assertThat(all.noValues()).isEqualTo(4);
        assertThat(all.notGpus()).isEqualTo(2);
    }

    @Test
    void counts_areOfKeptSamplesToo() {
        String csv = """
                timestamp,metric_name,uuid,value,labels_raw
                2026-03-01T12:00:00Z,DCGM_FI_DEV_GPU_TEMP,GPU-01,41,"a"
                """;

        assertThat(Decoded.of(CSV, csv).counts()).containsOnly(entry("labels unreadable", 1));
    }
}
