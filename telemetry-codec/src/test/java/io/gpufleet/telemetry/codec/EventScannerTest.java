package io.gpufleet.telemetry.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Events that are scanned, and those that are left to the parser: both are read with the same result. */
class EventScannerTest {
    private static final String USUAL = """
            {"schema_version":"1.1","event_type":"gpu_metric_sample","timestamp":"2026-03-01T12:00:00.25Z",\
            "gpu":{"gpu_uuid":"GPU-01","gpu_id":"7","device_index":3,"mig_instances":7},"host":{"hostname":"n1"},\
            "metrics":{"health":{"gpu_temp_c":41,"power_usage_w":300.25,"throttle_reasons":36,\
            "throttle_reasons_decoded":["SW_POWER_CAP","SW_THERMAL"]},"memory":{},\
            "performance":{"sm_active_pct":1177.3757848739624,"sm_occupancy_pct":1.5e1},"clocks":{},"cooling":null,\
            "energy":{"total_energy_consumption_mj":9223372036854775794}},\
            "quality":{"collection_latency_ms":7,"stale":false,"sample_count":2,"quality_flags":[],"error":null},\
            "asset":{"purchase_date":"2025-01-02","memory_gb":80,"tags":{"team":"ml","Stra\u00dfe":"1"}}}""";
    private static final int EVENTS = 10_000;

    private final ScannedAndParsed both = new ScannedAndParsed();

    private boolean isScanned(String json) {
        byte[] bytes = json.getBytes(UTF_8);
        both.assertSame(bytes);
        return ScannedAndParsed.isScanned(bytes);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '\'', textBlock = """
        '{"schema_version"',      '{"schema_version"'
        '":',                     '": '
        ',',                      ', '
        '}',                      '\t}\r\n'
        '"hostname":"n1"',        '"hostname":"Z\u00fcrich"'
        '"hostname":"n1"',        ''
        '"hostname":"n1"',        '"rack":"r","hostname":"n1"'
        '"gpu_temp_c":41',        '"gpu_temp_c":-0'
        '"gpu_temp_c":41',        '"gpu_temp_c":9223372036854775807'
        '"gpu_temp_c":41',        '"gpu_temp_c":1e400'
        '"gpu_temp_c":41',        '"gpu_temp_c":123456789.123456789012345'
        '"throttle_reasons":36,', '"throttle_reasons":36.0,'
        '"cooling":null',         '"cooling":null,"cooling":{}'
        'Z",',                    '+01:30",'
        '[]',                     '[ "a" , "b" ]'
        """)
    void message_scansUsualEvents(String good, String other) {
        String json = USUAL.replace(good, other);

        assertThat(isScanned(json)).isTrue();
        assertThat(isScanned("[" + json + "," + USUAL + "]")).isTrue();
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '\'', textBlock = """
        '"hostname":"n1"',        '"hostname":"\\u0041"'
        '"hostname":"n1"',        '"hostname":"\ufffd"'
        '"hostname":"n1"',        '"hostname":"n1","rack":"\t"'
        '"hostname":"n1"',        '"host\\u006eame":"n1"'
        '"hostname":"n1"',        '"hostname":"n1","hostname":"n1"'
        '"hostname":"n1"',        '"hostname":null,"hostname":"n1"'
        '"hostname":"n1"',        '"hostname":7'
        '"hostname":"n1"',        '"hostname":"n1","floor":"3"'
        '"hostname":"n1"',        '"hostname" :"n1"'
        '"hostname":"n1"',        '"hostname":"n1",'
        '"host":{',               '"host":{},"host":{'
        '"host":{',               '"host":{},"host":null,"x":{'
        '"host":{',               '"host":null,"x":{'
        '"host":{',               '"host":[],"x":{'
        '"memory":{}',            '"memory":null'
        '"memory":{},',           ''
        '"clocks":{},',           ''
        '"gpu_uuid":"GPU-01"',    '"gpu_uuid":" "'
        '"gpu_temp_c":41',        '"gpu_temp_c":041'
        '"gpu_temp_c":41',        '"gpu_temp_c":-'
        '"gpu_temp_c":41',        '"gpu_temp_c":41.'
        '"gpu_temp_c":41',        '"gpu_temp_c":41.e1'
        '"gpu_temp_c":41',        '"gpu_temp_c":4e'
        '"gpu_temp_c":41',        '"gpu_temp_c":4.1.1'
        '"gpu_temp_c":41',        '"gpu_temp_c":4-1'
        '"gpu_temp_c":41',        '"gpu_temp_c":+41'
        '"gpu_temp_c":41',        '"gpu_temp_c":.41'
        '"gpu_temp_c":41',        '"gpu_temp_c":NaN'
        '"gpu_temp_c":41',        '"gpu_temp_c":"41"'
        '"gpu_temp_c":41',        '"gpu_temp_c":true'
        '"gpu_temp_c":41',        '"gpu_temp_c":nul'
        '"gpu_temp_c":41',        '"gpu_temp_c":9223372036854775808'
        '"gpu_temp_c":41',        '"gpu_temp_c":9223372036854775808null'
        '"gpu_temp_c":41',        '"gpu_temp_c":18446744073709551617'
        '"gpu_temp_c":41',        '"gpu_temp_c":0.1000000000000000055511151231257827'
        '"throttle_reasons":36,', '"throttle_reasons":36.5,'
        '"throttle_reasons":36,', '"throttle_reasons":37,'
        '["SW_POWER_CAP",',       '["SW_POWER_CAP",7,'
        '"device_index":3',       '"device_index":-3'
        '"device_index":3',       '"device_index":4294967296'
        '"device_index":3',       '"device_index":3.0'
        '"sample_count":2',       '"sample_count":2.0'
        '"collection_latency_ms":7', '"collection_latency_ms":1e400'
        '"stale":false',          '"stale":fals'
        '"2025-01-02"',           '"2025-02-30"'
        '.25Z"',                  '.25"'
        '{"team":"ml",',          '{"team":"ml","team":"ml",'
        '{"team":"ml",',          '{"team":7,'
        '{"team":"ml",',          '{"team" "ml",'
        """)
    void message_leavesAllOthersToTheParser(String good, String other) {
        String json = USUAL.replace(good, other);

        assertThat(json).isNotEqualTo(USUAL);
        assertThat(isScanned(json)).isFalse();
        assertThat(isScanned("[" + USUAL + "," + json + "]")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "[]", "[", "{}", "7", "[%s", "[%s,]", "[%s]]", "%s%s", "%s,%s", "%s]", "[%s %s]", "\ufeff%s"
            })
    void message_leavesOtherTextsToTheParser(String text) {
        assertThat(isScanned(text.replace("%s", USUAL))).isFalse();
    }

    @Test
    void message_ofTextsThatAreTooLongIsLeftToTheParser() {
        SampleLimits limits = new SampleLimits(1 << 20, 1 << 20, 16, 128);
        byte[] json = USUAL.getBytes(UTF_8);

        assertThat(new EventScanner(limits, json, 0, json.length).message()).isEmpty();
    }

    @Test
    void message_ofAVeryLongNumberIsLeftInTime() {
        String digits = "0".repeat(1 << 20);

        assertThat(ScannedAndParsed.isScanned(
                        USUAL.replace("1.5e1", "1e" + digits).getBytes(UTF_8)))
                .isFalse();
        assertThat(ScannedAndParsed.isScanned(
                        USUAL.replace("1.5e1", "1." + digits).getBytes(UTF_8)))
                .isFalse();
        assertThat(ScannedAndParsed.isScanned(
                        USUAL.replace("1.5e1", "1" + digits).getBytes(UTF_8)))
                .isFalse();
    }

    @Test
    void decode_isTheSameForEveryTruncation() {
        byte[] json = USUAL.getBytes(UTF_8);
        for (int length = 0; length < json.length; length++) {
            byte[] cut = Arrays.copyOf(json, length);

            assertThat(ScannedAndParsed.isScanned(cut)).isFalse();
            both.assertSame(cut);
        }
    }

    @Test
    void decode_isTheSameForGeneratedEvents() {
        GeneratedEvents events = new GeneratedEvents(new Random(7)::nextInt);
        int scanned = 0;
        for (int i = 0; i < EVENTS; i++) {
            byte[] json = events.next();
            both.assertSame(json);
            scanned += ScannedAndParsed.isScanned(json) ? 1 : 0;
        }

        // Neither side may be rare, or nothing is compared.
        assertThat(scanned).isBetween(EVENTS / 5, EVENTS * 4 / 5);
    }
}
