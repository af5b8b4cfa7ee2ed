package io.gpufleet.telemetry.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.gpu.QualityFlag;
import io.gpufleet.telemetry.gpu.Scope;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** CSV as people and programs were seen to write it, and what it means. */
class SampleCsvDecoderTest {
    private static final String SHORT_HEADER = "timestamp,metric_name,uuid,value\n";
    private static final String NOON = "2026-03-01T12:00:00Z,";

    private final SampleCounts counts = new SampleCounts();
    private final SampleCsvDecoder decoder =
            SampleCsvDecoder.builder().counts(counts).build();

    private Decoded decode(String text) {
        return Decoded.of(decoder, text);
    }

    private static String row(String uuid, String value) {
        return NOON + "DCGM_FI_DEV_GPU_TEMP," + uuid + "," + value + "\n";
    }

    @Test
    void decode_readsTheFileOfASpreadsheet() {
        GpuSample sample = decode(
                        "\ufeffTimestamp;metric_name;gpu_id;device;UUID;modelName;hostname;value;labels_raw\r\n"
                                + "2026-03-01T12:00:00Z;DCGM_FI_DEV_POWER_USAGE;0;nvidia0;GPU-0e000000-0000-4000-8000-000000000001;"
                                + "NVIDIA H100 80GB HBM3;n1;71,483;\r\n")
                .sample();

        GpuSubject subject = sample.subject();
        assertThat(sample.value()).isEqualTo(71.483);
        assertThat(sample.time()).isEqualTo(Decoded.NOON);
        assertThat(subject.uuid()).isEqualTo("GPU-0e000000-0000-4000-8000-000000000001");
        assertThat(subject.index()).hasValue(0);
        assertThat(subject.device()).isEqualTo("nvidia0");
        assertThat(subject.model()).isEqualTo("NVIDIA H100 80GB HBM3");
        assertThat(subject.host()).isEqualTo("n1");
        assertThat(subject.labels()).isEmpty();
    }

    private static final String QUOTED = """
            timestamp,metric_name,gpu_id,device,uuid,modelName,Hostname,container,pod,namespace,value,labels_raw
            "2026-03-01T12:00:00Z","DCGM_FI_DEV_GPU_TEMP","0","nvidia0","GPU-0e000000-0000-4000-8000-000000000002","A ""quoted"", model","n1","","two
            lines","","40","UUID=""GPU-0e000000-0000-4000-8000-000000000002"",note=""a,b \\""c\\""\"",gpu=""0""\"
            """;

    @Test
    void decode_readsQuotedCells() {
        GpuSample sample = decode(QUOTED).sample();

        assertThat(sample.value()).isEqualTo(40);
        assertThat(sample.subject().model()).isEqualTo("A \"quoted\", model");
        assertThat(sample.subject().pod()).isEqualTo("two\nlines");
        assertThat(sample.subject().labels())
                .containsExactly(
                        entry("UUID", "GPU-0e000000-0000-4000-8000-000000000002"),
                        entry("note", "a,b \"c\""),
                        entry("gpu", "0"));
    }

    private static final String DAMAGED = """
            timestamp,metric_name,uuid,Hostname,value
            2026-03-01T12:00:00Z,DCGM_FI_DEV_GPU_TEMP,GPU-0e000000-0000-4000-8000-000000000003,n1,40
            2026-03-01T12:00:00Z,DCGM_FI_DEV_GPU_TEMP,GPU-0e000000-0000-4000-8000-000000000004,n1
            2026-03-01T12:00:00Z,DCGM_FI_DEV_GPU_TEMP,GPU-0e000000-0000-4000-8000-000000000005,n1,
            2026-03-01T12:00:00Z,DCGM_FI_DEV_GPU_TEMP,,n1,41
            2026-03-01T12:00:00Z,DCGM_FI_DEV_GPU_TEMP,GPU-0e000000-0000-4000-8000-000000000006,n1,forty

            2026-03-01T12:00:00Z,DCGM_FI_DEV_GPU_TEMP,GPU-0e000000-0000-4000-8000-000000000007,n1,42
            """;

    @Test
    void decode_losesOneRowForOneBadRow() {
        Decoded decoded = decode(DAMAGED);

        assertThat(decoded.readings()).containsExactly("03 GPU_TEMP 40", "07 GPU_TEMP 42");
        assertThat(decoded.refusals())
                .containsExactly(
                        "line 3: expected 5 fields, found 4",
                        "line 5: no UUID",
                        "line 6: value \"forty\" is not a number");
        assertThat(counts.noValues()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '\'', textBlock = """
        'timestamp,metric_name,uuid,value,value',   'column "value" stands twice'
        'timestamp,metric_name,uuid,value,Value',   'column "Value" stands twice'
        'timestamp,metric_name,value',              'columns missing: uuid'
        'uuid;rack',                                'columns missing: timestamp, metric_name, value'
        '2026-03-01T12:00:00Z,DCGM_FI_DEV_GPU_TEMP,GPU-1,40', 'no header line'
        '',                                         'no header line'
        '"timestamp,metric_name,uuid,value',        'no header line'
        """)
    void decode_refusesATextWithoutAUsableHeader(String header, String reason) {
        for (String rest : new String[] {"", "\n", "\r\n" + row("GPU-1", "40")}) {
            Decoded decoded = decode(header.isEmpty() ? "" : header + rest);

            assertThat(decoded.samples()).isEmpty();
            assertThat(decoded.fault()).isEqualTo(reason);
        }
    }

    @Test
    void decode_takesUnknownColumnsAsLabels() {
        GpuSample sample = decode("timestamp,metric_name,uuid,value,rack,GPU_I_ID,exported_pod,pod,empty\n" + NOON
                        + "DCGM_FI_DEV_GPU_TEMP,GPU-1,40,r7,3,train,exporter,\n")
                .sample();

        assertThat(sample.subject().labels()).containsExactly(entry("rack", "r7"), entry("pod", "exporter"));
        assertThat(sample.subject().instance()).isEqualTo("gi:3");
        assertThat(sample.subject().pod()).isEqualTo("train");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-03-01T12:00:00.123456Z",
                "2026-03-01T12:00:00.123456789Z",
                "\"2026-03-01t12:00:00,123456z\"",
                "2026-03-01 12:00:00.123456+00:00",
                "2026-03-01T13:30:00.123456+01:30",
                "2026-03-01T07:00:00.123456-0500",
                "1772366400123456",
                "1772366400.123456"
            })
    void decode_readsAllFormsOfTimes(String time) {
        String text = SHORT_HEADER + time + ",DCGM_FI_DEV_GPU_TEMP,GPU-1,40\n";

        assertThat(decode(text).sample().time()).isEqualTo("2026-03-01T12:00:00.123456Z");
    }

    @ParameterizedTest
    @ValueSource(strings = {"01/03/2026 12:00", "2026-02-30T12:00:00Z", "", "99999999999999999999"})
    void decode_refusesOtherTimes(String time) {
        Decoded decoded = decode(SHORT_HEADER + time + ",DCGM_FI_DEV_GPU_TEMP,GPU-1,40\n");

        assertThat(decoded.refusals())
                .containsExactly("line 2: timestamp \"" + time + "\" is not a time, for example 2026-03-01T12:00:00Z");
    }

    @Test
    void decode_needsAZoneForLocalTimes() {
        String text = SHORT_HEADER + "2026-03-01T12:00:00,DCGM_FI_DEV_GPU_TEMP,GPU-1,40\n";

        assertThat(decode(text).refusals())
                .containsExactly("line 2: timestamp \"2026-03-01T12:00:00\" names no zone; give zone(...)");
        assertThat(Decoded.of(
                                SampleCsvDecoder.builder()
                                        .zone(ZoneOffset.ofHours(1))
                                        .build(),
                                text)
                        .sample()
                        .time())
                .isEqualTo(Instant.parse("2026-03-01T11:00:00Z"));
    }

    @Test
    void decode_readsGzipUpToItsLastWholeLine() {
        String text = SHORT_HEADER + row("GPU-01", "40") + row("GPU-02", "41");
        byte[] packed = InflatedTest.gzip(text);

        assertThat(Decoded.of(decoder, packed).samples()).isEqualTo(decode(text).samples());
        Decoded cut = Decoded.of(decoder, Arrays.copyOf(packed, packed.length - 9));
        assertThat(decode(text).readings()).startsWith(cut.readings().toArray(String[]::new));
        assertThat(cut.refusals()).isEmpty();
        assertThat(cut.fault())
                .isEqualTo("unexpected end of gzip data after line "
                        + (cut.samples().size() + 1));
    }

    @Test
    void decode_readsFilesThatWereAppended() {
        String text = SHORT_HEADER + row("GPU-01", "40")
                + "\ufeffvalue,UUID,Metric_Name,timestamp,rack\n"
                + "41,GPU-02,DCGM_FI_DEV_GPU_TEMP,2026-03-01T12:00:00Z,r1\n";

        assertThat(decode(text).readings()).containsExactly("01 GPU_TEMP 40", "02 GPU_TEMP 41");
        Decoded damaged = decode(text + "timestamp,metric_name,value\n" + row("GPU-03", "42"));
        assertThat(damaged.samples()).hasSize(2);
        assertThat(damaged.fault()).isEqualTo("line 5: columns missing: uuid");
    }

    @Test
    void decode_saysWhereAnUnclosedQuoteWasOpened() {
        Decoded decoded = decode(SHORT_HEADER + row("GPU-01", "40") + row("\"GPU-02", "41") + row("GPU-03", "42"));

        assertThat(decoded.readings()).containsExactly("01 GPU_TEMP 40");
        assertThat(decoded.refusals()).containsExactly("line 3: quote opened in line 3 is never closed");
    }

    @Test
    void decode_losesOneRowForTextBehindAQuote() {
        Decoded decoded = decode(SHORT_HEADER + row("\"GPU\"-01", "40") + row("GPU-\"02\"", "41"));

        assertThat(decoded.refusals()).containsExactly("line 2: text behind a closing quotation mark");
        assertThat(decoded.samples().get(0).subject().uuid()).isEqualTo("GPU-\"02\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void decode_readsAllEndsOfLines(String end) {
        String text = (SHORT_HEADER + row("GPU-01", "40") + "\n" + row("GPU-02", "x")).replace("\n", end);

        assertThat(decode(text).readings()).containsExactly("01 GPU_TEMP 40");
        assertThat(decode(text).refusals()).containsExactly("line 4: value \"x\" is not a number");
    }

    @Test
    void decode_readsTabs() {
        assertThat(decode((SHORT_HEADER + row("GPU-01", "\"40,5\"")).replaceAll(",(?!5)", "\t"))
                        .readings())
                .containsExactly("01 GPU_TEMP 40.5");
    }

    @Test
    void decode_refusesADecimalCommaBesideCommas() {
        assertThat(decode(SHORT_HEADER + row("GPU-01", "\"40,5\"")).refusals())
                .containsExactly("line 2: value \"40,5\" is not a number");
    }

    @Test
    void decode_keepsASampleWhoseLabelsAreUnreadable() {
        GpuSample sample = decode("timestamp,metric_name,uuid,value,labels_raw\n" + NOON
                        + "DCGM_FI_DEV_GPU_TEMP,GPU-1,40,\"job=\"\"dgx\"\" gpu\"\n")
                .sample();

        assertThat(sample.subject().labels()).containsExactly(entry("labels_raw", "job=\"dgx\" gpu"));
        assertThat(counts.unreadableLabels()).isEqualTo(1);
    }

    @Test
    void decode_takesBlanksOffTheCellsThatSayWhatARowIs() {
        Decoded decoded = decode("""
                timestamp,metric_name,uuid,value,pod
                 2026-03-01T12:00:00Z\t, DCGM_FI_DEV_GPU_TEMP , GPU-01 ,41, p
                2026-03-01T12:00:00Z,DCGM_FI_DEV_GPU_TEMP,GPU-01,42,p
                2026-03-01T12:00:00Z,DCGM_FI_DEV_GPU_TEMP,  ,43,p
                """);

        assertThat(decoded.readings()).containsExactly("01 GPU_TEMP 41", "01 GPU_TEMP 42");
        assertThat(decoded.samples())
                .extracting(sample -> sample.subject().uuid())
                .containsOnly("GPU-01");
        assertThat(decoded.samples())
                .extracting(sample -> sample.subject().pod())
                .containsExactly(" p", "p");
        assertThat(decoded.refusals()).containsExactly("line 4: no UUID");
    }

    @ParameterizedTest
    @ValueSource(strings = {"  \n", "\t\r\n \n\n", "\n \t \r", "\ufeff \n"})
    void decode_skipsBlankLinesBeforeTheHeader(String before) {
        Decoded decoded = decode(before + "timestamp,metric_name,uuid,value\n" + row("GPU-01", "41"));

        assertThat(decoded.readings()).containsExactly("01 GPU_TEMP 41");
        assertThat(decoded.end()).isEmpty();
        assertThat(decoded.refusals()).isEmpty();
    }

    @Test
    void decode_namesTheLineOfALaterHeaderThatCannotBeUsed() {
        String good = "timestamp,metric_name,uuid,value\n" + row("GPU-01", "41");

        Decoded decoded = decode(good + "timestamp,metric_name,value\n" + row("GPU-02", "42"));

        assertThat(decoded.readings()).containsExactly("01 GPU_TEMP 41");
        assertThat(decoded.fault()).isEqualTo("line 3: columns missing: uuid");
        assertThat(decode(good + "\n\ntimestamp,metric_name,uuid,value,pod,POD\n")
                        .fault())
                .isEqualTo("line 5: column \"POD\" stands twice");
    }

    @Test
    void decode_refusesRowsWithLabelsBeyondTheLimits() {
        String most = "x".repeat(64 << 10);
        String many =
                IntStream.range(0, 128).mapToObj(i -> "l" + i + "=\"\"x\"\"").collect(Collectors.joining(","));

        Decoded decoded = decode("timestamp,metric_name,uuid,value,labels_raw\n"
                + raw("01", "a=\"\"" + most + "\"\"")
                + raw("02", "a=\"\"" + most + "x\"\"")
                + raw("03", many)
                + raw("04", many + ",m=\"\"x\"\"")
                + raw("05", "no labels " + most));

        assertThat(decoded.readings()).containsExactly("01 GPU_TEMP 41", "03 GPU_TEMP 41");
        assertThat(decoded.refusals())
                .containsExactly(
                        "line 3: label \"a\" has 65537 bytes, the limit is 65536",
                        "line 5: more than 128 labels",
                        "line 6: label \"labels_raw\" has 65546 bytes, the limit is 65536");
    }

    private static String raw(String gpu, String labels) {
        return row("GPU-" + gpu, "41,\"" + labels + '"');
    }

    @Test
    void decode_sharesTheSubjectOfMetrics() {
        String header = "timestamp,metric_name,uuid,value,labels_raw\n";
        String text = header
                + NOON + "DCGM_FI_DEV_GPU_TEMP,GPU-1,40,\"__name__=\"\"DCGM_FI_DEV_GPU_TEMP\"\",job=\"\"dgx\"\"\"\n"
                + NOON + "DCGM_FI_DEV_GPU_UTIL,GPU-1,97,\"__name__=\"\"DCGM_FI_DEV_GPU_UTIL\"\",job=\"\"dgx\"\"\"\n";

        Decoded decoded = decode(text);

        assertThat(decoded.samples().get(0).subject())
                .isSameAs(decoded.samples().get(1).subject());
        assertThat(decoded.samples().get(0).subject().labels()).containsExactly(entry("job", "dgx"));
    }

    /** What recurs is found by its bytes; a row that only looks like one before is not it. */
    @Test
    void decode_readsRowsThatAreLikeThoseBefore() {
        String header = "timestamp,metric_name,uuid,pod,value,labels_raw\n";
        String raw = ",\"a=\"\"1\"\",__name__=\"\"%s\"\",note=\"\"%s\"\"\"\n";
        String row = NOON + "%s,GPU-0%d,%s,%s" + raw;
        Decoded decoded = decode(header
                + String.format(row, "DCGM_A", 1, "p", "40", "DCGM_A", "n")
                + String.format(row, "DCGM_B", 1, "p", "41", "DCGM_B", "n")
                + String.format(row, "DCGM_B", 2, "p", "42", "DCGM_B", "n")
                + String.format(row, "DCGM_B", 1, "", "43", "DCGM_B", "n")
                + String.format(row, "DCGM_B", 1, "p", "44", "DCGM_B", ",__name__=")
                + String.format(row, "DCGM_B", 1, "p", "x", "DCGM_B", "n")
                + String.format(row, "DCGM_B", 1, "p", "NaN", "DCGM_B", "n")
                + String.format(row, "go_x", 1, "p", "45", "go_x", "n")
                + String.format(row, " DCGM_A", 1, "p", "46", "DCGM_A", "n")
                + String.format(row, "DCGM_FI_DEV_SERIAL", 1, "p", "47", "DCGM_A", "n")
                + String.format(row, "DCGM_A", 1, "p", "48", "DCGM_A\\\\", "n").replace("2026", "1026-"));

        assertThat(decoded.samples()).extracting(GpuSample::value).containsExactly(40.0, 41.0, 42.0, 43.0, 44.0, 46.0);
        GpuSubject first = decoded.samples().get(0).subject();
        assertThat(first.labels()).containsExactly(entry("a", "1"), entry("note", "n"));
        assertThat(decoded.samples().get(1).subject()).isSameAs(first);
        assertThat(decoded.samples().get(2).subject().uuid()).isEqualTo("GPU-02");
        assertThat(decoded.samples().get(3).subject().pod()).isEmpty();
        assertThat(decoded.samples().get(4).subject().labels()).containsEntry("note", ",__name__=");
        assertThat(decoded.samples().get(5).metric().name()).isEqualTo("DCGM_A");
        assertThat(decoded.refusals())
                .extracting(refusal -> refusal.substring(0, refusal.indexOf(':')))
                .containsExactly("line 7", "line 12");
        assertThat(counts.noValues()).isEqualTo(1);
        assertThat(counts.otherMetrics()).isEqualTo(1);
        assertThat(counts.labelFields()).isEqualTo(1);
    }

    @Test
    void decode_countsEachRowOfUnreadableLabels() {
        String row = NOON + "DCGM_FI_DEV_GPU_TEMP,GPU-01,40,job\n";

        assertThat(decode("timestamp,metric_name,uuid,value,labels_raw\n" + row + row)
                        .samples())
                .hasSize(2);
        assertThat(counts.unreadableLabels()).isEqualTo(2);
    }

    @Test
    void decode_readsColumnsBeforeLabels() {
        GpuSubject subject = decode(
                        "timestamp,metric_name,uuid,value,Hostname,labels_raw\n"
                                + NOON + "DCGM_FI_DEV_GPU_TEMP,GPU-1,40,n1,"
                                + "\"UUID=\"\"GPU-2\"\",Hostname=\"\"n2\"\",device=\"\"nvidia3\"\",GPU_I_ID=\"\"7\"\",pod=\"\"p\"\"\"\n")
                .sample()
                .subject();

        assertThat(subject.uuid() + " " + subject.host() + " " + subject.device() + " " + subject.series())
                .isEqualTo("GPU-1 n1 nvidia3 gi=7;pod=p");
        assertThat(subject.labels()).containsEntry("UUID", "GPU-2").containsEntry("Hostname", "n2");
    }

    @Test
    void decode_followsTheRulesOfAllForms() {
        String text = "timestamp,metric_name,uuid,value,vgpu\n"
                + NOON + "DCGM_FI_DEV_GPU_TEMP,GPU-1,644245923,\n"
                + NOON + "DCGM_FI_DEV_GPU_TEMP,GPU-1,9223372036854775794,\n"
                + NOON + "DCGM_FI_DEV_GPU_TEMP,GPU-1,[N/A],\n"
                + NOON + "DCGM_FI_DEV_SERIAL,GPU-1,1650924,\n"
                + NOON + "go_goroutines,GPU-1,12,\n"
                + NOON + "DCGM_FI_DEV_GPU_TEMP,GPU-1,41,2\n";

        Decoded decoded = decode(text);

        assertThat(decoded.samples()).extracting(GpuSample::scope).containsExactly(Scope.WORKLOAD);
        assertThat(decoded.refusals()).containsExactly("line 2: DCGM_FI_DEV_GPU_TEMP 644245923 is outside -50..150");
        assertThat(counts.noValues()).isEqualTo(2);
        assertThat(counts.labelFields()).isEqualTo(1);
        assertThat(counts.otherMetrics()).isEqualTo(1);
        assertThat(Decoded.of(SampleCsvDecoder.builder().keepOutOfRange().build(), text)
                        .samples()
                        .get(0)
                        .quality())
                .containsExactly(QualityFlag.OUT_OF_RANGE);
    }

    @Test
    void decode_keepsToTheLimits() {
        SampleCsvDecoder small = SampleCsvDecoder.builder()
                .maxLineBytes(120)
                .maxLabelBytes(20)
                .maxLabels(3)
                .build();
        String header = "timestamp,metric_name,uuid,value,pod\n";

        assertThat(Decoded.of(small, header + NOON + "DCGM_FI_DEV_GPU_TEMP,GPU-1,40," + "p".repeat(21) + "\n")
                        .refusals())
                .containsExactly("line 2: column \"pod\" has 21 bytes, the limit is 20");
        assertThat(Decoded.of(small, header + NOON + "DCGM_FI_DEV_GPU_TEMP,GPU-1,40," + "p".repeat(90) + "\n")
                        .refusals())
                .containsExactly("line 2: row has 141 bytes, the limit is 120");
        assertThat(Decoded.of(small, "timestamp,metric_name,uuid,value,a,b,c,d,e,f,g,h,i,j,k,l\n")
                        .fault())
                .isEqualTo("header has 16 columns, the limit is 15");
    }

    @Test
    void decode_refusesAnOpenEnd() {
        String text = SHORT_HEADER + row("GPU-01", "41").strip();

        assertThat(decode(text).samples()).isEmpty();
        assertThat(decode(text).refusals()).containsExactly("line 2: no line feed ends the line");
        assertThat(Decoded.of(SampleCsvDecoder.builder().acceptOpenEnd().build(), text)
                        .readings())
                .containsExactly("01 GPU_TEMP 41");
    }

    @Test
    void excerpt_hasTheRefusedRowsBehindTheirHeaders() {
        String text = DAMAGED + "value,uuid,metric_name,timestamp\r\nx,\"GPU\n1\",DCGM_A," + NOON.replace(",", "\r\n")
                + "1,\"open";
        Decoded decoded = decode(text);

        String excerpt = new String(
                decoder.excerpt(text.getBytes(StandardCharsets.UTF_8), decoded.refused()), StandardCharsets.UTF_8);

        assertThat(excerpt).isEqualTo("""
                        timestamp,metric_name,uuid,Hostname,value
                        2026-03-01T12:00:00Z,DCGM_FI_DEV_GPU_TEMP,GPU-0e000000-0000-4000-8000-000000000004,n1
                        2026-03-01T12:00:00Z,DCGM_FI_DEV_GPU_TEMP,,n1,41
                        2026-03-01T12:00:00Z,DCGM_FI_DEV_GPU_TEMP,GPU-0e000000-0000-4000-8000-000000000006,n1,forty
                        value,uuid,metric_name,timestamp
                        x,"GPU
                        1",DCGM_A,2026-03-01T12:00:00Z
                        1,"open""");
        assertThat(decode(excerpt).refusals()).hasSize(5);
        assertThat(decode(excerpt).samples()).isEmpty();
    }

    /** The header of the row alone has more columns with commas than with semicolons. */
    @Test
    void excerpt_keepsTheDelimiter() {
        String text = """
                timestamp;metric_name;uuid;value
                value;uuid;metric_name;timestamp;a,timestamp,metric_name,uuid,value
                2026-03-01T12:00:00Z,DCGM_A,GPU-01,40,1,1,1,1
                """;
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);

        byte[] excerpt = decoder.excerpt(bytes, decode(text).refused());

        assertThat(excerpt).isEqualTo(bytes);
        assertThat(decode(text).refusals()).containsExactly("line 3: expected 5 fields, found 1");
    }

    @Test
    void excerpt_ofARecordThatEndedInAFaultIsAllOfIt() {
        byte[] text =
                (SHORT_HEADER + row("GPU-01", "40") + "timestamp,metric_name,value\n").getBytes(StandardCharsets.UTF_8);

        assertThat(decoder.excerpt(text, Decoded.of(decoder, text).refused())).isSameAs(text);
    }

    @Test
    void excerpt_ofARowThatIsTooLongIsRefusedAgain() {
        byte[] text = (SHORT_HEADER + row("GPU-" + "1".repeat(70_000), "x")).getBytes(StandardCharsets.UTF_8);

        byte[] excerpt = decoder.excerpt(text, Decoded.of(decoder, text).refused());

        assertThat(excerpt).hasSizeBetween(60_000, 64 << 10);
        assertThat(Decoded.of(decoder, excerpt).refusals()).hasSize(1);
    }

    @Test
    void excerpt_isAtMost64KiB() {
        byte[] text = (SHORT_HEADER + row("GPU-" + "1".repeat(1000), "x").repeat(100) + row("GPU-01", "1"))
                .getBytes(StandardCharsets.UTF_8);

        assertThat(decoder.excerpt(text, Decoded.of(decoder, text).refused())).hasSizeBetween(60_000, 64 << 10);
        byte[] good = decoder.excerpt(text, new TreeSet<>(List.of(100)));
        assertThat(Decoded.of(decoder, good).readings()).containsExactly("01 GPU_TEMP 1");
    }
}
