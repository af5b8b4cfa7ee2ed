package io.gpufleet.telemetry.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.entry;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.gpu.GpuAsset;
import io.gpufleet.telemetry.gpu.GpuReading;
import io.gpufleet.telemetry.gpu.MetricEvent;
import io.gpufleet.telemetry.gpu.MetricEvent.Fault;
import io.gpufleet.telemetry.gpu.MetricEvent.Gpu;
import io.gpufleet.telemetry.gpu.MetricEvent.Host;
import io.gpufleet.telemetry.gpu.MetricEvent.Quality;
import io.gpufleet.telemetry.gpu.MetricEventValidator;
import io.gpufleet.telemetry.gpu.QualityFlag;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Metric events as they were seen on topics, and what they mean. */
class MetricEventJsonCodecTest {
    private static final String GOOD = """
            {"schema_version":"1.0","event_type":"gpu_metric_sample","timestamp":"2026-03-01T11:59:50Z",\
            "gpu":{"gpu_uuid":"GPU-0a","device_index":0},"host":{"hostname":"n1"},\
            "metrics":{"health":{"gpu_temp_c":65.0,"memory_temp_c":70.0,"power_usage_w":300.0,"throttle_reasons":0},\
            "memory":{"fb_used_mib":1000,"fb_free_mib":80000,"utilization_pct":1.2,"ecc_sbe_volatile":0,"ecc_dbe_volatile":0},\
            "performance":{"sm_active_pct":80.0,"sm_occupancy_pct":45.0,"gpu_utilization_pct":99.0},\
            "clocks":{"sm_clock_mhz":1980,"mem_clock_mhz":2619},"cooling":{"fan_speed_pct":0}},"quality":{}}""";
    private static final Optional<Instant> NOON = Optional.of(Decoded.NOON);

    private final SampleCounts counts = new SampleCounts();
    private final MetricEventJsonCodec codec =
            MetricEventJsonCodec.builder().counts(counts).build();

    private MetricEvent decode(String json) {
        return codec.decode(json.getBytes(UTF_8));
    }

    private String refusal(String json) {
        return catchThrowableOfType(CodecException.class, () -> decode(json)).reason();
    }

    private static List<String> faults(MetricEvent event) {
        return MetricEventValidator.create().check(event, NOON).stream()
                .map(fault -> fault.field() + ' ' + fault.code())
                .toList();
    }

    private static MetricEvent full() {
        Host host = new Host("n1", "c1", "r1", "d1");
        MetricEvent.Builder event = MetricEvent.builder(
                        new Gpu(
                                "GPU-0a",
                                "7",
                                OptionalInt.of(3),
                                "00000000:18:00.0",
                                "H\u00e4 \"100\"\\\n\ud83d\ude00",
                                "Hopper",
                                "9.0"),
                        host)
                .time(Instant.parse("2026-03-01T12:00:00.123456Z"))
                .collectionTime(Decoded.NOON)
                .driverVersion("535.129.03")
                .quality(new Quality(
                        OptionalDouble.of(1.5),
                        Optional.of(false),
                        OptionalLong.of(Long.MAX_VALUE),
                        "late",
                        Optional.of(Decoded.NOON),
                        "v1",
                        Optional.of(true),
                        List.of("late", "x"),
                        NOON,
                        "e1",
                        Optional.of(true)))
                .asset(Optional.of(new GpuAsset(
                        "GPU-0a",
                        "H100",
                        "Hopper",
                        "9.0",
                        OptionalInt.of(80),
                        host,
                        "00000000:18:00.0",
                        "eu",
                        Optional.of(LocalDate.of(2025, 1, 2)),
                        Optional.of(LocalDate.of(2025, 1, 3)),
                        Optional.of(LocalDate.of(2028, 1, 2)),
                        Optional.of(LocalDate.of(2030, 1, 2)),
                        "gold",
                        "1",
                        Map.of("team", "ml.a"),
                        "n")))
                .unknown("new", "[1, {\"a\":null}]")
                .unknown("gpu.color", "\"green\"")
                .unknown("metrics.memory.x\\.y", "1e400");
        int number = 0;
        for (GpuReading reading : GpuReading.values()) {
            if (reading.isWhole()) {
                event.count(reading, (1L << 53) + 1 + number++);
            } else {
                event.value(reading, number++ + 0.1);
            }
        }
        return event.build();
    }

    @Test
    void decode_readsAnEventOfVersion10() {
        MetricEvent event = decode(GOOD);

        assertThat(event.schemaVersion()).isEqualTo("1.0");
        assertThat(event.eventType()).isEqualTo(MetricEvent.TYPE);
        assertThat(event.time()).contains(Instant.parse("2026-03-01T11:59:50Z"));
        assertThat(event.gpu()).isEqualTo(new Gpu("GPU-0a", "", OptionalInt.of(0), "", "", "", ""));
        assertThat(event.host()).isEqualTo(Host.of("n1"));
        assertThat(event.value(GpuReading.MEMORY_UTILIZATION)).hasValue(1.2);
        assertThat(event.value(GpuReading.FB_USED)).hasValue(1000);
        assertThat(event.count(GpuReading.THROTTLE_REASONS)).hasValue(0);
        assertThat(event.has(GpuReading.TENSOR_ACTIVE)).isFalse();
        assertThat(event.quality()).isEqualTo(Quality.NONE);
        assertThat(event.asset()).isEmpty();
        assertThat(event.unknown()).isEmpty();
        assertThat(event.faults()).isEmpty();
        assertThat(faults(event)).isEmpty();
    }

    @Test
    void encode_writesAllThatAnEventHas() {
        MetricEvent event = full();

        byte[] json = codec.encode(event);

        assertThat(codec.decode(json)).isEqualTo(event);
        assertThat(codec.encodedSize(event)).isEqualTo(json.length);
        assertThat(new String(json, UTF_8))
                .startsWith("{\"schema_version\":\"1.1\",\"event_type\":\"gpu_metric_sample\","
                        + "\"timestamp\":\"2026-03-01T12:00:00.123456Z\",\"collection_timestamp\":\"2026-03-01T12:00:00Z\","
                        + "\"gpu\":{\"gpu_uuid\":\"GPU-0a\",\"gpu_id\":\"7\",\"device_index\":3,")
                .contains("\"power_usage_w\":2.1,")
                .contains("\"ecc_sbe_volatile\":9007199254741001,")
                .contains("\"color\":\"green\"")
                .contains("\"x.y\":1e400")
                .endsWith("\"new\":[1, {\"a\":null}]}");
    }

    @Test
    void encode_writesAnEventWithoutReadings() {
        MetricEvent event = MetricEvent.builder(Gpu.of(""), Host.of("")).build();

        assertThat(codec.encode(event)).asString(UTF_8).isEqualTo("""
                {"schema_version":"1.1","event_type":"gpu_metric_sample","gpu":{},"host":{},\
                "metrics":{"health":{},"memory":{},"performance":{},"clocks":{}}}""");
        assertThat(codec.decode(codec.encode(event))).isEqualTo(event);
    }

    @Test
    void encode_needsRoomForAllOfIt() {
        MetricEvent event = full();
        ByteBuffer target = ByteBuffer.allocateDirect(codec.encodedSize(event) + 1);

        codec.encode(event, target.position(1));

        assertThat(target.hasRemaining()).isFalse();
        assertThat(codec.decode(target.position(1))).isEqualTo(event);
        assertThat(target.hasRemaining()).isFalse();
        ByteBuffer small = ByteBuffer.allocate(codec.encodedSize(event) - 1);
        assertThatThrownBy(() -> codec.encode(event, small)).isInstanceOf(BufferOverflowException.class);
        assertThat(small.position()).isZero();
    }

    @Test
    void encode_namesTheReasons() {
        MetricEvent event = MetricEvent.builder(Gpu.of("GPU-1"), Host.of("n1"))
                .count(GpuReading.THROTTLE_REASONS, 36)
                .build();
        String json = new String(codec.encode(event), UTF_8);

        assertThat(json)
                .contains("\"throttle_reasons\":36,\"throttle_reasons_decoded\":[\"SW_POWER_CAP\",\"SW_THERMAL\"]");
        assertThat(decode(json)).isEqualTo(event);
        MetricEvent other = decode(json.replace("[\"SW_POWER_CAP\",", "[ \"power\","));
        assertThat(other.unknown())
                .containsExactly(entry("metrics.health.throttle_reasons_decoded", "[ \"power\",\"SW_THERMAL\"]"));
        assertThat(decode(new String(codec.encode(other), UTF_8))).isEqualTo(other);
        assertThat(decode(GOOD.replace(
                                "\"throttle_reasons\":0", "\"throttle_reasons_decoded\":[],\"throttle_reasons\":0"))
                        .unknown())
                .isEmpty();
    }

    @Test
    void decode_reportsAllFaultsTogether() {
        MetricEvent event = decode(GOOD.replace("\"event_type\":\"gpu_metric_sample\",", "")
                .replace("\"host\":{\"hostname\":\"n1\"},", "")
                .replace("\"gpu_temp_c\":65.0", "\"gpu_temp_c\":200"));

        assertThat(faults(event))
                .containsExactlyInAnyOrder("event_type missing", "host missing", "metrics.health.gpu_temp_c range");
        assertThat(codec.decode(codec.encode(event))).isEqualTo(event);
    }

    @ParameterizedTest
    @CsvSource({
        "metrics, missing",
        "gpu, missing",
        "host, missing",
    })
    void decode_takesNullForMissing(String member, String code) {
        String json = "{\"schema_version\":\"1.0\",\"event_type\":\"e\",\"timestamp\":\"2026-03-01T12:00:00Z\","
                + "\"gpu\":{\"gpu_uuid\":\"GPU-1\"},\"host\":{},\"metrics\":{\"health\":{},\"memory\":{},\"performance\":{},"
                + "\"cooling\":null,\"clocks\":{\"sm_clock_mhz\":null}},"
                + "\"quality\":null,\"asset\":null}";
        assertThat(faults(decode(json))).isEmpty();

        MetricEvent event =
                decode(json.replaceFirst('"' + member + "\":\\{(\"health.*?null\\}|.*?)\\}", '"' + member + "\":null"));

        assertThat(faults(event)).contains(member + ' ' + code);
        assertThat(codec.decode(codec.encode(event))).isEqualTo(event);
    }

    @ParameterizedTest
    @ValueSource(strings = {"health", "memory", "performance", "clocks"})
    void decode_missesTheSectionsOfMetrics(String section) {
        String path = "metrics." + section;
        String object = '"' + section + "\":\\{[^}]*\\}";

        MetricEvent empty = decode(GOOD.replaceFirst(object, '"' + section + "\":{}"));
        MetricEvent absent = decode(GOOD.replaceFirst(object, "\"x\":1"));
        MetricEvent none = decode(GOOD.replaceFirst(object, '"' + section + "\":null"));
        MetricEvent other = decode(GOOD.replaceFirst(object, '"' + section + "\":5"));

        assertThat(faults(empty)).isEmpty();
        assertThat(faults(absent)).containsExactly(path + " missing");
        assertThat(faults(none)).containsExactly(path + " missing");
        assertThat(faults(other)).containsExactly(path + " type");
        assertThat(List.of(empty, absent, none, other))
                .allSatisfy(
                        event -> assertThat(codec.decode(codec.encode(event))).isEqualTo(event));
    }

    @Test
    void decode_missesAllSectionsOfEmptyMetrics_andNoneOfMissingOnes() {
        String metrics = "\"metrics\":\\{.*\\}\\},";

        MetricEvent empty = decode(GOOD.replaceFirst(metrics, "\"metrics\":{},"));
        MetricEvent missing = decode(GOOD.replaceFirst(metrics, ""));
        MetricEvent other = decode(GOOD.replaceFirst(metrics, "\"metrics\":[],"));

        assertThat(faults(empty))
                .containsExactly(
                        "metrics.health missing",
                        "metrics.memory missing",
                        "metrics.performance missing",
                        "metrics.clocks missing");
        assertThat(faults(missing)).containsExactly("metrics missing");
        assertThat(faults(other)).containsExactly("metrics type");
        assertThat(List.of(empty, missing, other))
                .allSatisfy(
                        event -> assertThat(codec.decode(codec.encode(event))).isEqualTo(event));
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '\'', textBlock = """
        '"gpu_temp_c":65.0',          '"gpu_temp_c":"65"',     metrics.health.gpu_temp_c type
        '"gpu_temp_c":65.0',          '"gpu_temp_c":true',     metrics.health.gpu_temp_c type
        '"gpu_temp_c":65.0',          '"gpu_temp_c":[65]',     metrics.health.gpu_temp_c type
        '"ecc_sbe_volatile":0',       '"ecc_sbe_volatile":1.5', metrics.memory.ecc_sbe_volatile type
        '"ecc_sbe_volatile":0',       '"ecc_sbe_volatile":-99999999999999999999', metrics.memory.ecc_sbe_volatile type
        '"health":{',                 '"health":7,"x":{',      metrics.health type
        '"hostname":"n1"',            '"hostname":{"a":"b"}',  host.hostname type
        '"gpu_uuid":"GPU-0a"',        '"gpu_uuid":7',          gpu.gpu_uuid type
        '"device_index":0',           '"device_index":-1',     gpu.device_index type
        '"schema_version":"1.0"',     '"schema_version":1.0',  schema_version type
        '"2026-03-01T11:59:50Z"',     '"2026-03-01T11:59:50"', timestamp format
        '"2026-03-01T11:59:50Z"',     '"1772366390"',          timestamp format
        '"2026-03-01T11:59:50Z"',     '1772366390',            timestamp type
        '{"hostname":"n1"}',          '[]',                    host type
        """)
    void decode_keepsWhatIsOfAnotherKindWithItsFault(String good, String bad, String fault) {
        MetricEvent event = decode(GOOD.replace(good, bad));

        assertThat(faults(event)).contains(fault);
        String path = fault.substring(0, fault.indexOf(' '));
        assertThat(event.unknown()).containsKey(path);
        assertThat(event.faults())
                .filteredOn(found -> found.field().equals(path))
                .singleElement()
                .satisfies(found -> assertThat(found.detail()).startsWith("\"").contains("\" is not "));
        assertThat(codec.decode(codec.encode(event))).isEqualTo(event);
    }

    @Test
    void decode_keepsRemarksOfAnotherKindWithoutAFault() {
        MetricEvent event = decode(
                GOOD.replace(
                        "\"quality\":{}",
                        "\"quality\":{\"stale\":\"no\",\"quality_flags\":[1],\"error\":\"e\"},"
                                + "\"asset\":{\"memory_gb\":\"80\",\"tags\":{\"a\":1},\"purchase_date\":\"soon\",\"priority\":1}"));

        assertThat(event.faults()).isEmpty();
        assertThat(event.unknown())
                .containsExactly(
                        entry("quality.stale", "\"no\""),
                        entry("quality.quality_flags", "[1]"),
                        entry("asset.memory_gb", "\"80\""),
                        entry("asset.tags", "{\"a\":1}"),
                        entry("asset.purchase_date", "\"soon\""));
        assertThat(event.asset().orElseThrow().uuid()).isEqualTo("GPU-0a");
        assertThat(event.asset().orElseThrow().priority()).isEqualTo("1");
        assertThat(codec.decode(codec.encode(event))).isEqualTo(event);
    }

    @Test
    void decode_readsTimesWithAnyOffset() {
        assertThat(decode(GOOD.replace("2026-03-01T11:59:50Z", "2026-03-01T13:29:50.123456789+01:30"))
                        .time())
                .contains(Instant.parse("2026-03-01T11:59:50.123456Z"));
    }

    @Test
    void decode_countsCodesForNoValue() {
        MetricEvent event = decode(GOOD.replace("\"gpu_temp_c\":65.0", "\"gpu_temp_c\":2147483634")
                .replace("\"memory_temp_c\":70.0", "\"memory_temp_c\":9.223372036854776e18")
                .replace("\"ecc_sbe_volatile\":0", "\"ecc_sbe_volatile\":9223372036854775794")
                .replace("\"sm_active_pct\":80.0", "\"sm_active_pct\":140737488355328.0"));

        assertThat(event.has(GpuReading.GPU_TEMP)).isFalse();
        assertThat(event.has(GpuReading.MEMORY_TEMP)).isFalse();
        assertThat(event.has(GpuReading.ECC_SBE_VOLATILE)).isFalse();
        assertThat(event.has(GpuReading.SM_ACTIVE)).isFalse();
        assertThat(event.has(GpuReading.SM_OCCUPANCY)).isTrue();
        assertThat(counts.noValues()).isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource({"9007199254740993, 9007199254740993", "12.0, 12", "1e3, 1000"})
    void decode_keepsAllDigitsOfACounter(String text, long count) {
        assertThat(decode(GOOD.replace("\"ecc_sbe_volatile\":0", "\"ecc_sbe_volatile\":" + text))
                        .count(GpuReading.ECC_SBE_VOLATILE))
                .hasValue(count);
    }

    @Test
    void decode_keepsUnknownMembers() {
        MetricEvent event = decode(GOOD.replace(
                "\"cooling\":{",
                "\"a.b\\\\c\":[ {\"x\" : \"\u00e4\"} ],\"fans\":{\"n\":1},\"cooling\":{\"pump\":null,"));

        assertThat(event.unknown())
                .containsExactly(
                        entry("metrics.a\\.b\\\\c", "[ {\"x\" : \"\u00e4\"} ]"),
                        entry("metrics.fans", "{\"n\":1}"),
                        entry("metrics.cooling.pump", "null"));
        assertThat(codec.decode(codec.encode(event))).isEqualTo(event);
    }

    @Test
    void encode_prefersWhatAnEventHasToUnknownMembers() {
        MetricEvent event = MetricEvent.builder(Gpu.of("GPU-1"), Host.of("n1"))
                .unknown("gpu", "7")
                .unknown("gpu.gpu_uuid", "\"GPU-2\"")
                .unknown("x", "1")
                .unknown("x.y", "1")
                .unknown("far.away", "7")
                .build();

        assertThat(codec.encode(event)).asString(UTF_8).isEqualTo("""
                {"schema_version":"1.1","event_type":"gpu_metric_sample","gpu":{"gpu_uuid":"GPU-1"},\
                "host":{"hostname":"n1"},"metrics":{"health":{},"memory":{},"performance":{},"clocks":{}},"x":1,"far":{"away":7}}""");
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '\'', textBlock = """
        '',                                      neither a JSON object nor an array
        '7',                                     neither a JSON object nor an array
        '{',                                     neither a JSON object nor an array
        '[{}]',                                  no JSON object
        '{}{}',                                  text behind the JSON value
        '{"timestamp":null,"timestamp":null}',   member "timestamp" stands twice
        '{"gpu":{},"gpu":{}}',                   member "gpu" stands twice
        '{"gpu":7,"gpu":{}}',                    member "gpu" stands twice
        '{"limits":{"power_w":1,"power_w":1}}',  member "limits.power_w" stands twice
        '{"x":1,"x":1}',                         member "x" stands twice
        '{"asset":{"tags":{"a":"","a":""}}}',    member "a" stands twice
        '{"asset":{}}',                          asset: no UUID
        """)
    void decode_refusesWhatIsNoEvent(String json, String reason) {
        assertThat(refusal(json)).isEqualTo(reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"a\":?}", "{\"gpu\":{", "{\"a\":01}", "{\u0000}", "{}\u0000", "{\"metrics\":{]}"})
    void decode_refusesWhatIsNoJson(String json) {
        assertThatExceptionOfType(CodecException.class)
                .isThrownBy(() -> decode(json))
                .satisfies(fault -> assertThat(fault.offset()).isBetween(0, json.length()));
    }

    @Test
    void decode_keepsToTheLimits() {
        MetricEventJsonCodec small = MetricEventJsonCodec.builder()
                .maxMessageBytes(200)
                .maxTextBytes(10)
                .maxUnknownMembers(2)
                .build();

        assertThatThrownBy(() -> small.decode(new byte[201]))
                .hasMessageStartingWith("message has 201 bytes, the limit is 200");
        assertThatThrownBy(() -> small.decode("{\"gpu\":{\"name\":\"01234567890\"}}".getBytes(UTF_8)))
                .hasMessageStartingWith("member \"name\" has 11 bytes, the limit is 10");
        assertThatThrownBy(() -> small.decode("{\"a\":1,\"b\":1,\"c\":1}".getBytes(UTF_8)))
                .hasMessageStartingWith("more than 2 members that are not known");
        assertThat(refusal("{\"a\":" + "[".repeat(100_000))).startsWith("no JSON: ");
        assertThat(refusal("{\"" + "a".repeat(1000) + "\":1}")).startsWith("no JSON: ");
    }

    @Test
    void decode_replacesMalformedText() {
        byte[] json = GOOD.replace("n1", "?").getBytes(UTF_8);
        json[new String(json, UTF_8).indexOf('?')] = (byte) 0xff;

        assertThat(codec.decode(json).host().hostname()).isEqualTo("\ufffd");
        assertThat(counts.malformedTexts()).isEqualTo(1);
        json[json.length - 1] = '?';
        assertThatExceptionOfType(CodecException.class)
                .isThrownBy(() -> codec.decode(json))
                .satisfies(fault -> assertThat(fault.offset()).isBetween(0, json.length));
    }

    @Test
    void decode_keepsHalvesOfPairs() {
        MetricEvent event = decode(GOOD.replace("n1", "\\ud800x\\udc00\\u0001"));

        assertThat(event.host().hostname()).isEqualTo("\ud800x\udc00\u0001");
        assertThat(codec.decode(codec.encode(event))).isEqualTo(event);
    }

    @Test
    void decode_refusesEveryTruncation() {
        for (MetricEvent event : List.of(full(), decode(GOOD))) {
            byte[] json = codec.encode(event);
            for (int length = 0; length < json.length; length++) {
                byte[] cut = Arrays.copyOf(json, length);
                assertThatExceptionOfType(CodecException.class)
                        .as("%d bytes", length)
                        .isThrownBy(() -> codec.decode(cut))
                        .satisfies(fault -> assertThat(fault.offset()).isBetween(0, cut.length));
            }
        }
    }

    @Test
    void encode_writesNumbersThatAreReadAgain() {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            double value = switch (i % 4) {
                case 0 -> random.nextInt(2_000_000) / 1000.0;
                case 1 -> random.nextDouble() * 1000;
                case 2 -> Math.scalb(random.nextDouble(), random.nextInt(80) - 40);
                default -> -random.nextInt(100_000) / 100.0;
            };
            MetricEvent event = MetricEvent.builder(Gpu.of("GPU-1"), Host.of("n1"))
                    .value(GpuReading.POWER_USAGE, value)
                    .count(GpuReading.ENERGY, random.nextLong() >>> 2)
                    .quality(Quality.NONE.with(QualityFlag.LATE))
                    .build();
            assertThat(codec.decode(codec.encode(event))).isEqualTo(event);
        }
    }

    @Test
    void decode_readsAnEventInTheMiddleOfABuffer() {
        byte[] json = (" x " + GOOD + " y").getBytes(UTF_8);
        ByteBuffer source =
                ByteBuffer.wrap(json).position(2).limit(json.length - 1).slice();

        assertThat(codec.decode(source)).isEqualTo(decode(GOOD));
        assertThat(source.hasRemaining()).isFalse();
    }

    @Test
    void builder_refusesLimitsOutOfRange() {
        assertThatThrownBy(() -> MetricEventJsonCodec.builder().maxMessageBytes(0))
                .hasMessage("maxMessageBytes: 0 is not between 1 and 268435456");
        assertThatThrownBy(() -> MetricEventJsonCodec.builder().maxTextBytes(0))
                .hasMessage("maxTextBytes: 0 is not between 1 and 268435456");
        assertThatThrownBy(() -> MetricEventJsonCodec.builder().maxUnknownMembers(10_001))
                .hasMessage("maxUnknownMembers: 10001 is not between 1 and 10000");
    }

    @Test
    void fault_saysWhatIsAllowed() {
        assertThat(decode(GOOD.replace("\"n1\"", "7")).faults())
                .containsExactly(Fault.type("host.hostname", "\"7\" is not a text"));
        assertThat(decode(GOOD.replace("\"gpu_temp_c\":65.0", "\"gpu_temp_c\":\"65\""))
                        .faults())
                .containsExactly(Fault.type("metrics.health.gpu_temp_c", "\"\"65\"\" is not a number"));
    }
}
