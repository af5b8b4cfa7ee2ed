package io.gpufleet.telemetry.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.gpufleet.telemetry.gpu.GpuReading;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.gpu.MetricEvent;
import io.gpufleet.telemetry.gpu.MetricEvent.Gpu;
import io.gpufleet.telemetry.gpu.MetricEvent.Host;
import io.gpufleet.telemetry.gpu.QualityFlag;
import java.time.Instant;
import java.util.Arrays;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Metric events as samples. */
class MetricEventDecoderTest {
    private static final String EVENT = """
            {"schema_version":"1.1","event_type":"gpu_metric_sample","timestamp":"2026-03-01T12:00:00.25Z",\
            "gpu":{"gpu_uuid":"GPU-01","gpu_id":"7","device_index":3,"pci_bus_id":"00000000:18:00.0","name":"H100",\
            "mig_instances":7},"host":{"hostname":"n1","rack":"r1"},"driver_version":"535",\
            "metrics":{"health":{"gpu_temp_c":41,"memory_temp_c":null},"memory":{"fb_used_mib":1024,"utilization_pct":1.2},\
            "performance":{"sm_active_pct":87.1,"pcie_tx_mb_per_sec":1177.3757848739624},\
            "energy":{"total_energy_consumption_mj":15347724978}},"limits":{"nvlink_links":18}}""";

    private final SampleCounts counts = new SampleCounts();
    private final MetricEventDecoder decoder =
            MetricEventDecoder.builder().counts(counts).build();

    private Decoded decode(String json) {
        return Decoded.of(decoder, json);
    }

    @Test
    void decode_readsEachReadingInTheUnitOfItsMetric() {
        Decoded decoded = decode(EVENT);

        assertThat(decoded.readings())
                .containsExactly(
                        "01 GPU_TEMP 41",
                        "01 FB_USED 1024",
                        "01 PROF_SM_ACTIVE 0.871",
                        "01 PROF_PCIE_TX_BYTES 1234567991",
                        "01 TOTAL_ENERGY_CONSUMPTION 15347724978");
        assertThat(decoded.refusals()).isEmpty();
        assertThat(counts.otherMetrics()).isEqualTo(3);
        assertThat(decoded.samples())
                .extracting(GpuSample::time)
                .containsOnly(Instant.parse("2026-03-01T12:00:00.250Z"));
    }

    @Test
    void decode_describesTheGpu() {
        GpuSubject subject = decode(EVENT).samples().get(0).subject();

        assertThat(subject.uuid()).isEqualTo("GPU-01");
        assertThat(subject.index()).hasValue(3);
        assertThat(subject.pciBusId()).isEqualTo("00000000:18:00.0");
        assertThat(subject.model()).isEqualTo("H100");
        assertThat(subject.host()).isEqualTo("n1");
        assertThat(subject.series()).isEmpty();
        assertThat(subject.labels())
                .containsExactly(entry("gpu_id", "7"), entry("driver_version", "535"), entry("rack", "r1"));
        assertThat(Decoded.of(decoder, EVENT.getBytes(UTF_8), ScrapeContext.of(Decoded.NOON, "n2"))
                        .samples()
                        .get(0)
                        .subject()
                        .host())
                .isEqualTo("n2");
    }

    @Test
    void decode_readsEveryReadingOfAMetric() {
        MetricEvent.Builder event = MetricEvent.builder(
                        new Gpu("GPU-01", "", OptionalInt.empty(), "", "", "", ""), Host.of(""))
                .time(Decoded.NOON);
        for (GpuReading reading : GpuReading.values()) {
            if (reading.isWhole()) {
                event.count(reading, 1);
            } else {
                event.value(reading, 1);
            }
        }

        Decoded decoded = Decoded.of(decoder, MetricEventJsonCodec.create().encode(event.build()));

        long metrics = Arrays.stream(GpuReading.values())
                .filter(reading -> reading.metric().isPresent())
                .count();
        assertThat(decoded.samples()).hasSize((int) metrics);
        assertThat(counts.otherMetrics()).isEqualTo(GpuReading.values().length - metrics);
    }

    @Test
    void decode_losesOneReadingForOneBadReading() {
        Decoded decoded = decode(EVENT.replace("\"gpu_temp_c\":41", "\"gpu_temp_c\":\"41\"")
                .replace("\"fb_used_mib\":1024", "\"fb_used_mib\":-1024.5"));

        assertThat(decoded.samples()).hasSize(3);
        assertThat(decoded.refusals())
                .containsExactly(
                        "element 1: metrics.health.gpu_temp_c: type, \"\"41\"\" is not a number",
                        "element 1: DCGM_FI_DEV_FB_USED -1024.5 is outside 0..16777216");
        assertThat(Decoded.of(
                                MetricEventDecoder.builder().keepOutOfRange().build(),
                                EVENT.replace("\"gpu_temp_c\":41", "\"gpu_temp_c\":160"))
                        .samples()
                        .get(0)
                        .quality())
                .containsExactly(QualityFlag.OUT_OF_RANGE);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '\'', textBlock = """
        '"gpu_uuid":"GPU-01"',       '"gpu_uuid":""',   'element 1: no UUID'
        '"gpu_uuid":"GPU-01"',       '"gpu_uuid":7',    'element 1: no UUID'
        '"2026-03-01T12:00:00.25Z"', 'null',            'element 1: timestamp: missing'
        '"gpu":{',                   '"gpu":{},"gpu":{', 'element 1: member "gpu" stands twice'
        '"2026-03-01T12:00:00.25Z"', '"now"',           'element 1: timestamp: format, ""now"" is not an RFC 3339 time with an offset, for example 2026-03-01T12:00:00Z'
        """)
    void decode_refusesAnEventWithoutTimeOrGpu(String good, String bad, String reason) {
        Decoded decoded = decode(EVENT.replace(good, bad));

        assertThat(decoded.samples()).isEmpty();
        assertThat(decoded.refusals()).containsExactly(reason);
    }

    @Test
    void decode_readsArrays() {
        String bad = EVENT.replace("\"gpu_uuid\":\"GPU-01\",", "");
        String text = "\ufeff [" + EVENT + ", 7," + bad + "\n,[],\"x\"," + EVENT + "] ";

        Decoded decoded = decode(text);

        assertThat(decoded.samples()).hasSize(10);
        assertThat(decoded.refusals())
                .containsExactly(
                        "element 2: no object", "element 3: no UUID", "element 4: no object", "element 5: no object");
        assertThat(new String(decoder.excerpt(text.getBytes(UTF_8), decoded.refused()), UTF_8))
                .isEqualTo("[7," + bad + ",[],\"x\"]");
    }

    @Test
    void excerpt_ofOneEventIsAllOfIt() {
        byte[] json =
                EVENT.replace("\"gpu_temp_c\":41", "\"gpu_temp_c\":\"41\"").getBytes(UTF_8);

        assertThat(decoder.excerpt(json, Decoded.of(decoder, json).refused())).isSameAs(json);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "7", "{", "[", "{]", "{}{}", "nonsense", "{\u0000}"})
    void decode_refusesWhatIsNoMessage(String text) {
        Decoded decoded = decode(text);

        assertThat(decoded.samples()).isEmpty();
        assertThat(decoded.end()).isPresent();
    }

    @Test
    void decode_keepsTheEventsBeforeDamagedText() {
        Decoded decoded = decode("[" + EVENT + "," + EVENT.replace("41", "?"));

        assertThat(decoded.samples()).hasSize(5);
        assertThat(decoded.fault()).startsWith("no JSON: ");
    }

    @Test
    void decode_readsGzipAndMalformedText() {
        byte[] json = EVENT.replace("\"n1\"", "\"?\"").getBytes(UTF_8);
        json[new String(json, UTF_8).indexOf('?')] = (byte) 0xff;

        assertThat(Decoded.of(decoder, InflatedTest.gzip(EVENT)).samples())
                .isEqualTo(decode(EVENT).samples());
        assertThat(Decoded.of(decoder, json).samples().get(0).subject().host()).isEqualTo("\ufffd");
        assertThat(counts.malformedTexts()).isEqualTo(1);
    }

    @Test
    void decode_keepsToTheLimits() {
        MetricEventDecoder small =
                MetricEventDecoder.builder().maxLineBytes(100).build();

        assertThat(Decoded.of(small, EVENT).refusals())
                .containsExactly("element 1: has " + EVENT.length() + " bytes, the limit is 100");
    }
}
