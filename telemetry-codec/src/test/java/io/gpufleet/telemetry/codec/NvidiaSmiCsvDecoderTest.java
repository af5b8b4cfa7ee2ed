package io.gpufleet.telemetry.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.gpu.QualityFlag;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The output of nvidia-smi as it was seen, and what it means. */
class NvidiaSmiCsvDecoderTest {
    private static final String SEEN = """
            timestamp, uuid, index, name, temperature.gpu, utilization.gpu [%], power.draw [W], memory.used [MiB], fan.speed [%], clocks.current.sm [MHz]
            2026/03/01 12:00:00.250, GPU-0a0a0a0a-0000-4000-8000-000000000007, 0, NVIDIA H100 80GB HBM3, 44, [N/A], 81.37 W, 1024 MiB, [Not Supported], 345 MHz
            2026/03/01 12:00:00.250, GPU-0a0a0a0a-0000-4000-8000-000000000008, 1, NVIDIA H100 80GB HBM3, [Unknown Error], 7 %, [Requested functionality has been deprecated], N/A, , 1980 MHz
            """;
    private static final String HEAD = "timestamp, uuid, ";
    private static final String ROW = "2026/03/01 12:00:00.250, GPU-01, ";

    private final SampleCounts counts = new SampleCounts();
    private final NvidiaSmiCsvDecoder decoder =
            NvidiaSmiCsvDecoder.builder().zone(ZoneOffset.UTC).counts(counts).build();

    private Decoded decode(String text) {
        return Decoded.of(decoder, text);
    }

    private Decoded cell(String column, String cell) {
        return decode(HEAD + column + "\n" + ROW + cell + "\n");
    }

    @Test
    void decode_readsAllReadingsOfARow() {
        Decoded decoded = decode(SEEN);

        assertThat(decoded.readings())
                .containsExactly(
                        "07 GPU_TEMP 44",
                        "07 POWER_USAGE 81.37",
                        "07 FB_USED 1024",
                        "07 SM_CLOCK 345",
                        "08 GPU_UTIL 7",
                        "08 SM_CLOCK 1980");
        assertThat(decoded.refusals()).isEmpty();
        assertThat(counts.noValues()).isEqualTo(6);
        assertThat(decoded.samples())
                .extracting(GpuSample::time)
                .containsOnly(Instant.parse("2026-03-01T12:00:00.250Z"));
        assertThat(decoded.samples().get(0).subject())
                .isSameAs(decoded.samples().get(3).subject());
    }

    @Test
    void decode_readsCellsWithoutUnits() {
        String nounits = SEEN.replaceAll("([0-9]) (%|W|MiB|MHz)", "$1");

        assertThat(decode(nounits).samples()).isEqualTo(decode(SEEN).samples());
    }

    @Test
    void decode_refusesTheTextIfItsTimesNeedAZone() {
        NvidiaSmiCsvDecoder zoneless = NvidiaSmiCsvDecoder.builder().build();

        Decoded decoded = Decoded.of(zoneless, SEEN);

        assertThat(decoded.samples()).isEmpty();
        assertThat(decoded.refusals()).isEmpty();
        assertThat(decoded.fault())
                .isEqualTo("line 2: timestamp \"2026/03/01 12:00:00.250\" names no zone; give zone(...)");
        assertThat(Decoded.of(zoneless, HEAD + "pstate\nnow, GPU-01, P0\n").refusals())
                .containsExactly("line 2: timestamp \"now\" is not a time, for example 2026-03-01T12:00:00Z");
    }

    @Test
    void decode_readsTheTimesOfTheZone() {
        NvidiaSmiCsvDecoder berlin =
                NvidiaSmiCsvDecoder.builder().zone(ZoneId.of("Europe/Berlin")).build();

        assertThat(Decoded.of(berlin, SEEN).samples().get(0).time())
                .isEqualTo(Instant.parse("2026-03-01T11:00:00.250Z"));
    }

    @Test
    void decode_describesTheGpu() {
        GpuSubject subject = Decoded.of(
                        decoder,
                        (HEAD + "index, name, pci.bus_id, serial, driver_version, vbios_version, rack, pstate\n"
                                        + ROW
                                        + "3, NVIDIA H100, 00000000:18:00.0, 165, 535.129.03, [N/A], r7, P8\n")
                                .getBytes(StandardCharsets.UTF_8),
                        ScrapeContext.of(Decoded.NOON, "n1"))
                .sample()
                .subject();

        assertThat(subject.index()).hasValue(3);
        assertThat(subject.model()).isEqualTo("NVIDIA H100");
        assertThat(subject.pciBusId()).isEqualTo("00000000:18:00.0");
        assertThat(subject.host()).isEqualTo("n1");
        assertThat(subject.series()).isEmpty();
        assertThat(subject.labels()).containsExactly(entry("serial", "165"), entry("driver_version", "535.129.03"));
    }

    @ParameterizedTest
    @CsvSource({
        "temperature.gpu, 44, GPU_TEMP 44",
        "temperature.memory, 50, MEMORY_TEMP 50",
        "utilization.gpu [%], 7 %, GPU_UTIL 7",
        "utilization.memory [%], 7 %, MEM_COPY_UTIL 7",
        "utilization.encoder [%], 0 %, ENC_UTIL 0",
        "utilization.decoder [%], 0, DEC_UTIL 0",
        "memory.used [MiB], 1024 MiB, FB_USED 1024",
        "memory.free [MiB], 1 MiB, FB_FREE 1",
        "memory.total [MiB], 81559 MiB, FB_TOTAL 81559",
        "memory.reserved [MiB], 500 MiB, FB_RESERVED 500",
        "power.draw [W], 81.37 W, POWER_USAGE 81.37",
        "power.draw.instant [W], 80.1 W, POWER_USAGE_INSTANT 80.1",
        "power.limit [W], 700.00 W, POWER_MGMT_LIMIT 700",
        "enforced.power.limit [W], 700.00 W, ENFORCED_POWER_LIMIT 700",
        "clocks.current.sm [MHz], 345 MHz, SM_CLOCK 345",
        "clocks.sm [MHz], 345 MHz, SM_CLOCK 345",
        "clocks.current.memory [MHz], 2619 MHz, MEM_CLOCK 2619",
        "clocks.mem [MHz], 2619 MHz, MEM_CLOCK 2619",
        "clocks.current.video [MHz], 765 MHz, VIDEO_CLOCK 765",
        "fan.speed [%], 33 %, FAN_SPEED 33",
        "pstate, P8, PSTATE 8",
        "pcie.link.gen.current, 5, PCIE_LINK_GEN 5",
        "pcie.link.width.current, 16, PCIE_LINK_WIDTH 16",
        "clocks_event_reasons.active, 0x0000000000000004, CLOCK_THROTTLE_REASONS 4",
        "clocks_throttle_reasons.active, 0x00000000000000FF, CLOCK_THROTTLE_REASONS 255",
        "clocks_event_reasons.active, Not Active, CLOCK_THROTTLE_REASONS 0",
        "ecc.errors.corrected.volatile.total, 1, ECC_SBE_VOL_TOTAL 1",
        "ecc.errors.uncorrected.volatile.total, 2, ECC_DBE_VOL_TOTAL 2",
        "ecc.errors.corrected.aggregate.total, 3, ECC_SBE_AGG_TOTAL 3",
        "ecc.errors.uncorrected.aggregate.total, 4, ECC_DBE_AGG_TOTAL 4",
        "retired_pages.single_bit_ecc.count, 5, RETIRED_SBE 5",
        "retired_pages.double_bit.count, 6, RETIRED_DBE 6",
        "remapped_rows.correctable, 7, CORRECTABLE_REMAPPED_ROWS 7",
        "remapped_rows.uncorrectable, 8, UNCORRECTABLE_REMAPPED_ROWS 8",
        "remapped_rows.failure, No, ROW_REMAP_FAILURE 0",
        "remapped_rows.pending, Yes, ROW_REMAP_PENDING 1",
        "mig.mode.current, Enabled, MIG_MODE 1",
        "mig.mode.current, Disabled, MIG_MODE 0",
        "Temperature.GPU, 44, GPU_TEMP 44",
    })
    void decode_knowsTheColumns(String column, String cell, String reading) {
        assertThat(cell(column, cell).readings()).containsExactly("01 " + reading);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[N/A]",
                "N/A",
                "",
                "[Not Supported]",
                "[Unknown Error]",
                "[Insufficient Permissions]",
                "[GPU requires reset]",
                "[GPU is lost]",
                "[Function Not Found]",
                "[Requested functionality has been deprecated]"
            })
    void decode_countsCellsWithoutAValue(String cell) {
        Decoded decoded = cell("temperature.gpu", cell);

        assertThat(decoded.samples()).isEmpty();
        assertThat(decoded.refusals()).isEmpty();
        assertThat(counts.noValues()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '\'', textBlock = """
        temperature.gpu,             forty,   'temperature.gpu: value "forty" is not a number'
        temperature.gpu,             44 C,    'temperature.gpu: value "44 C" is not in 1'
        power.draw [W],              81 kW,   'power.draw [W]: value "81 kW" is not in W'
        memory.used [GiB],           80,      'memory.used [GiB]: value "80" is not in MiB'
        temperature.gpu,             Not Active, 'temperature.gpu: value "Not Active" is not a number'
        power.draw [W],              too much, 'power.draw [W]: value "too much" is not a number'
        power.draw [W],              many W,  'power.draw [W]: value "many W" is not a number'
        memory.used [GiB],           much,    'memory.used [GiB]: value "much" is not a number'
        pstate,                      P 8,     'pstate: value "P 8" is not a number'
        pstate,                      Q8,      'pstate: value "Q8" is not a number'
        clocks_event_reasons.active, 0xnone,  'clocks_event_reasons.active: value "0xnone" is not a number'
        remapped_rows.pending,       maybe,   'remapped_rows.pending: value "maybe" is not a number'
        temperature.gpu,             644245923, 'DCGM_FI_DEV_GPU_TEMP 644245923 is outside -50..150'
        """)
    void decode_losesOneReadingForOneBadCell(String column, String cell, String reason) {
        Decoded decoded = decode(HEAD + column + ", fan.speed [%]\n" + ROW + cell + ", 7 %\n");

        assertThat(decoded.readings()).containsExactly("01 FAN_SPEED 7");
        assertThat(decoded.refusals()).containsExactly("line 2: " + reason);
    }

    @Test
    void decode_losesOneRowForOneBadRow() {
        Decoded decoded = decode(HEAD + "pstate\n"
                + "2026/03/01 12:00:00, , P0\n"
                + "2026/02/30 12:00:00, GPU-01, P0\n"
                + "Unable to determine the device handle for GPU0000:18:00.0: Unknown Error\n"
                + ROW + "P0\n"
                + ROW + "P0, 1\n");

        assertThat(decoded.readings()).containsExactly("01 PSTATE 0");
        assertThat(decoded.refusals())
                .containsExactly(
                        "line 2: no UUID",
                        "line 3: timestamp \"2026/02/30 12:00:00\" is not a time, for example 2026-03-01T12:00:00Z",
                        "line 4: expected 3 fields, found 1",
                        "line 6: expected 3 fields, found 4");
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '\'', textBlock = """
        'timestamp, pstate',    'columns missing: uuid'
        'pstate, name',         'columns missing: timestamp, uuid'
        'a, b',                 'no header line'
        '',                     'no header line'
        """)
    void decode_refusesATextWithoutAUsableHeader(String header, String reason) {
        Decoded decoded = decode(header + "\n" + ROW + "P0\n");

        assertThat(decoded.samples()).isEmpty();
        assertThat(decoded.fault()).isEqualTo(header.isEmpty() ? "no header line" : reason);
    }

    @Test
    void decode_refusesAHeaderOfTooManyColumns() {
        String header = IntStream.range(0, 1000).mapToObj(i -> "c" + i).collect(Collectors.joining(","));

        assertThat(decode(header + ",uuid\n").fault()).isEqualTo("header has 1001 columns, the limit is 1000");
    }

    @Test
    void decode_readsTheFirstColumnOfAMetric() {
        Decoded decoded = decode(HEAD + "clocks.sm [MHz], clocks.current.sm [MHz], gpu_uuid, fan.speed [%]\n" + ROW
                + "345 MHz, 346 MHz, GPU-02, 7 %\n");

        assertThat(decoded.readings()).containsExactly("01 SM_CLOCK 345", "01 FAN_SPEED 7");
    }

    @Test
    void decode_readsTheOutputOfManyRuns() {
        Decoded decoded = decode(HEAD + "pstate\r\n" + ROW + "P0\r\n\r\ngpu_uuid, timestamp, temperature.gpu\r\n"
                + "GPU-02, 2026/03/01 12:00:01.250, 44\r\n");

        assertThat(decoded.readings()).containsExactly("01 PSTATE 0", "02 GPU_TEMP 44");
    }

    @Test
    void decode_followsTheRulesOfAllForms() {
        assertThat(cell("temperature.gpu", "2147483634").samples()).isEmpty();
        assertThat(counts.noValues()).isEqualTo(1);
        String impossible = HEAD + "temperature.gpu\n" + ROW + "999";
        assertThat(decode(impossible).refusals()).containsExactly("line 2: no line feed ends the line");
        NvidiaSmiCsvDecoder lenient = NvidiaSmiCsvDecoder.builder()
                .zone(ZoneOffset.UTC)
                .keepOutOfRange()
                .acceptOpenEnd()
                .build();
        assertThat(Decoded.of(lenient, impossible).sample().quality()).containsExactly(QualityFlag.OUT_OF_RANGE);
    }

    @Test
    void excerpt_hasARowWithRefusedCellsOnce() {
        String head = HEAD + "temperature.gpu, fan.speed [%], pstate\n";
        String bad = ROW + "hot, fast, P0\n";
        byte[] bytes = (head + ROW + "44, 7 %, P1\n" + bad + ROW + "44, 7 %, P2\n").getBytes(StandardCharsets.UTF_8);

        byte[] excerpt = decoder.excerpt(bytes, Decoded.of(decoder, bytes).refused());

        assertThat(new String(excerpt, StandardCharsets.UTF_8)).isEqualTo(head + bad);
        Decoded again = Decoded.of(decoder, excerpt);
        assertThat(again.refusals()).hasSize(2);
        assertThat(again.readings()).containsExactly("01 PSTATE 0");
    }
}
