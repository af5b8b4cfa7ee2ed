package io.gpufleet.telemetry.examples.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.examples.options.ExitCodes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The check of files: plain and packed, whole and cut off, several and none. */
final class CheckSamplesTest {
    private static final String SCRAPE = "DCGM_FI_DEV_GPU_TEMP{gpu=\"0\",UUID=\"U\",Hostname=\"n1\"} 41\n";

    @TempDir
    private Path directory;

    private String file(String name, String text) throws IOException {
        return file(name, text.getBytes(StandardCharsets.UTF_8));
    }

    private String file(String name, byte[] bytes) throws IOException {
        return Files.write(directory.resolve(name), bytes).toString();
    }

    /** Checks files as records of an hour after the times in them. */
    private static Ended check(String... arguments) {
        return Ended.of(Stream.concat(Stream.of("check", "--time=2026-03-01T13:00:00Z"), Stream.of(arguments))
                .toArray(String[]::new));
    }

    private static byte[] packed(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream packing = new GZIPOutputStream(bytes)) {
            packing.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    private static String rows(int count) {
        StringBuilder rows = new StringBuilder("timestamp,metric_name,uuid,value\n");
        for (int i = 0; i < count; i++) {
            rows.append("2026-03-01T12:00:%02d.%06dZ,DCGM_FI_DEV_POWER_USAGE,GPU-%d,%d.%d%n"
                    .formatted(i % 60, i * 7919, i, i % 700, i * 31 % 1000));
        }
        return rows.toString().replace("\r", "");
    }

    @Test
    void packedFile_isReadWhateverItsName() throws IOException {
        Ended plain = check("--samples", file("plain.csv", rows(100)));
        Ended packed = check("--samples", file("packed.txt", packed(rows(100))));

        assertThat(plain.out()).hasSize(100);
        assertThat(packed).isEqualTo(plain);
        assertThat(packed.code()).isZero();
    }

    @Test
    void packedFileThatIsCutOff_isReadUpToItsLastWholeLine() throws IOException {
        String text = rows(1_000);
        byte[] bytes = packed(text);
        String file = file("cut.csv.gz", Arrays.copyOf(bytes, bytes.length / 2));

        Ended samples = check("--samples", file);
        Ended told = check("--json", file);

        int read = samples.out().size();
        assertThat(read).isBetween(100, 900);
        assertThat(samples.out())
                .isEqualTo(check("--samples", file("whole.csv", text)).out().subList(0, read));
        assertThat(samples.errors())
                .containsExactly("gpu-samples check: " + file + ": line " + (read + 1)
                        + ": unexpected end of gzip data after line " + (read + 1));
        assertThat(told.out())
                .singleElement()
                .asString()
                .contains("\"format\":\"csv\",\"samples\":" + read + ",\"no_value\":0,\"rejected\":[{\"line\":"
                        + (read + 1) + ",\"reason\":\"unexpected end of gzip data after line " + (read + 1) + "\"}]");
        assertThat(List.of(samples.code(), told.code())).containsOnly(ExitCodes.NOT_SO);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {"DCGM_FI_DEV_GPU_TEMP{UUID=\"U\",pod=\"\\0\"} 4\\n | 2 | U+0000 in a label cannot be stored"})
    void line_thatTheConsumerRefuses_isRefused(String line, int number, String reason) throws IOException {
        String text = SCRAPE + line.replace("\\n", "\n").replace("\\0", "\0");

        Ended ended = check("--samples", file("x", text));

        assertThat(ended.out()).hasSize(1);
        assertThat(ended.errors()).singleElement().asString().endsWith(": line " + number + ": " + reason);
        assertThat(ended.code()).isEqualTo(ExitCodes.NOT_SO);
    }

    @Test
    void halfACharacter_isRefused() throws IOException {
        String text = json("U") + json("V").replace("DCGM_A", "DCGM_\\ud800");

        Ended ended = check("--samples", file("x", text));

        assertThat(ended.out()).hasSize(1);
        assertThat(ended.errors()).singleElement().asString().endsWith("line 2: U+D800 in a label cannot be stored");
    }

    @Test
    void lastLine_mayBeWithoutItsEnd() throws IOException {
        assertThat(check("--samples", file("open", SCRAPE.strip())).out()).hasSize(1);
    }

    /** Files are often old; the consumer refuses what is old, unless it is told otherwise. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2026-01-01T00:00:00Z | time 2026-01-01T00:00:00Z is more than 30 days behind the record's timestamp"
                        + " 2026-03-01T13:00:00Z; for a backfill, give --any-age",
                "2026-03-01T13:06:00Z | time 2026-03-01T13:06:00Z is more than 5 min ahead of the record's timestamp"
                        + " 2026-03-01T13:00:00Z"
            })
    void samplesOfAnotherTime_areGood_andCounted(String time, String reason) throws IOException {
        String file = file("x", "timestamp,metric_name,uuid,value\n" + time + ",DCGM_A,U,4\n");

        assertThat(check("--samples", file).out()).hasSize(1);
        assertThat(check("--json", file).out().get(0)).contains("\"rejected\":[]", "\"other_times\":1");
        assertThat(check(file).out()).contains("  1 sample has a time that gpu-consumer refuses: " + reason);
        assertThat(check(file).code()).isEqualTo(ExitCodes.OK);
    }

    @Test
    void anyAge_isThatOfTheConsumer() throws IOException {
        String file = file("x", "timestamp,metric_name,uuid,value\n2001-03-01T12:00:00Z,DCGM_A,U,4\n");

        assertThat(check("--json", file).out().get(0)).contains("\"other_times\":1");
        assertThat(check("--json", "--any-age", file).out().get(0)).contains("\"other_times\":0");
    }

    @Test
    void scrapeThatIsLargerThanARecord_isRefused_butATableIsNot() throws IOException {
        String scrape = SCRAPE.repeat((17 << 20) / SCRAPE.length());
        String row = "2026-03-01T12:00:00Z,DCGM_A,U,4\n";
        String table = "timestamp,metric_name,uuid,value\n" + row.repeat((17 << 20) / row.length());

        assertThat(check("--samples", file("plain", scrape)).errors())
                .singleElement()
                .asString()
                .endsWith(" bytes, the limit is 16777216");
        assertThat(check("--samples", file("packed", packed(scrape))).errors())
                .singleElement()
                .asString()
                .endsWith("message has more than 16777216 bytes unpacked, which is the limit");
        assertThat(check("--samples", file("table", table)).out()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"<html><body>502</body></html>\n", "\0\0\0\0\0\0\0\0\n", "\u00ff\u00fe\u0001\u0007\u00c3\n"})
    void bytesOfNoFormat_areRefusedInTheWordsOfTheConsumer(String text) throws IOException {
        Ended ended = check("--json", file("x", text.getBytes(StandardCharsets.ISO_8859_1)));
        Ended wide = check("--json", file("y", SCRAPE.getBytes(StandardCharsets.UTF_16LE)));

        assertThat(ended.out().get(0))
                .contains("\"format\":\"unknown\"")
                .contains("\"reason\":\"nothing is recognised; allowed: exposition text, CSV of samples");
        assertThat(wide.out().get(0)).contains("nothing is recognised; allowed: ");
        assertThat(ended.code()).isEqualTo(ExitCodes.NOT_SO);
    }

    @Test
    void timeOfRowsWithoutOne_isThatOfTheFile() throws IOException {
        String file = file("scrape", SCRAPE);
        Files.setLastModifiedTime(Path.of(file), FileTime.from(Instant.parse("2026-01-31T12:00:00.25Z")));

        assertThat(Ended.of("check", "--samples", file).out())
                .singleElement()
                .asString()
                .contains("\"time\":\"2026-01-31T12:00:00.250Z\"");
    }

    @Test
    void severalFiles_areToldOneByOne_andOneThatIsMissingStopsNone() throws IOException {
        String first = file("a", SCRAPE);
        String second = file("b", SCRAPE);
        String missing = directory.resolve("c").toString();

        Ended ended = check("--json", first, missing, second);

        assertThat(ended.out())
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("{\"file\":\"" + first + "\",\"format\":\"text\","),
                        line -> assertThat(line)
                                .startsWith("{\"file\":\"" + missing + "\",\"format\":\"unknown\",\"samples\":0,")
                                .contains("\"rejected\":[{\"line\":1,\"reason\":\"no such file\"}]"),
                        line -> assertThat(line).startsWith("{\"file\":\"" + second + "\",\"format\":\"text\","));
        assertThat(ended.errors()).isEmpty();
        assertThat(ended.code()).isEqualTo(ExitCodes.NOT_SO);
    }

    @Test
    void directoryAndEmptyFile_areNamed() throws IOException {
        String empty = file("empty", "");

        assertThat(check(directory.toString(), empty))
                .isEqualTo(new Ended(
                        ExitCodes.NOT_SO,
                        List.of(),
                        List.of(
                                "gpu-samples check: " + directory + ": is a directory, not a file",
                                "gpu-samples check: " + empty + ": is empty")));
        assertThat(check("--json", directory.toString(), empty).out())
                .satisfiesExactly(
                        line -> assertThat(line).contains("[{\"line\":1,\"reason\":\"is a directory, not a file\"}]"),
                        line -> assertThat(line).contains("[{\"line\":1,\"reason\":\"is empty\"}]"));
        assertThat(check("--json", empty).code()).isEqualTo(ExitCodes.NOT_SO);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "check | Missing required parameter: '<file>'",
                "check --json --samples x | --json, --samples are mutually exclusive",
                "check --format xml x | expected one of [AUTO, TEXT, CSV, JSON",
                "check --zone UTC --format text x | --zone: has no effect with --format=text",
                "check --zone UTC --format event x | --zone: has no effect with --format=event",
                "publish --bootstrap-server a:1 --every 5s x | --every: has no effect without --loop",
                "publish --bootstrap-server a:1 --loop --every 0s x | \"0s\" is not a time between 1 ms and an hour",
                "check --time +999999999-12-31T23:59:59Z x | is not between the years 1 and 9999",
                "check --time noon x | \"noon\" is not a time such as 2026-01-31T12:00:00Z",
                "check --zone Nowhere x | \"Nowhere\" is not a zone such as UTC, Europe/Berlin or +01:00",
                "chekc x | Unmatched arguments"
            })
    void wrongUsage_isOneLine(String arguments, String words) {
        Ended ended = Ended.of(arguments.split(" "));

        assertThat(ended.errors()).singleElement().asString().contains(words);
        assertThat(ended.code()).isEqualTo(ExitCodes.USAGE);
    }

    @Test
    void outputForPeople_hasCountsReasonsAndMetrics() throws IOException {
        String file = file("scrape", SCRAPE + SCRAPE + SCRAPE.replace("41", "42") + """
                DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="U"} 61.50
                DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="V"} N/A
                DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="V"} many
                go_goroutines 12
                DCGM_FI_DEV_SERIAL{gpu="0",UUID="V"} 1
                """);

        assertThat(check(file).out())
                .containsExactly(
                        file + ": text, 2 samples, 1 GPU, 1 host",
                        "  1 without a value",
                        "  1 of a label of the GPU",
                        "  1 of other metrics",
                        "  1 duplicate, with the same value",
                        "  1 conflict, with another value; the first one stays",
                        "  1 rejected",
                        "    line 6: value \"many\" is not a number",
                        "  Metrics",
                        "  metric                   count   sum   min   max",
                        "  DCGM_FI_DEV_GPU_TEMP         1    41    41    41",
                        "  DCGM_FI_DEV_POWER_USAGE      1  61.5  61.5  61.5");
    }

    private static String json(String uuid) {
        return "{\"timestamp\":\"2026-03-01T12:00:00Z\",\"metric_name\":\"DCGM_A\",\"uuid\":\"" + uuid
                + "\",\"value\":4}\n";
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"timestamp\":\"2026-0 | no JSON: ",
                "{x} | no JSON: ",
                "rubbish | nothing is recognised; ",
                "[7] | expected 12 fields, found 1",
                "[] {} | text behind the JSON value"
            })
    void badLineAmongJson_costsThisLine(String bad, String reason) throws IOException {
        for (String text : List.of(
                bad + "\n" + json("U") + json("V"),
                json("U") + bad + "\r\n\n" + json("V"),
                "\ufeff" + json("U") + json("V") + bad)) {
            Ended plain = check("--samples", file("x", text));
            Ended packed = check("--samples", file("x", packed(text)));

            assertThat(plain.out()).hasSize(2);
            assertThat(plain.errors()).singleElement().asString().contains(reason);
            assertThat(packed).isEqualTo(plain);
            assertThat(check("--json", file("x", text)).out().get(0)).contains("\"format\":\"json\",\"samples\":2,");
        }
    }

    @Test
    void jsonLines_mayBePacked_marked_andOfSeveralForms() throws IOException {
        String text = "\ufeff" + json("U")
                + "{\"timestamp\":\"2026-03-01T12:00:00Z\",\"gpu\":{\"gpu_uuid\":\"V\"},\"metrics\":{\"health\":{\"gpu_temp_c\":41}}}\n"
                + "[\"2026-03-01T12:00:00Z\",\"DCGM_A\",\"0\",\"\",\"W\",\"\",\"\",\"\",\"\",\"\",\"4\",\"\"]\n";

        Ended ended = check("--samples", file("x", packed(text)));

        assertThat(ended.out())
                .satisfiesExactly(
                        line -> assertThat(line).contains("\"uuid\":\"U\""),
                        line -> assertThat(line).contains("\"uuid\":\"V\""),
                        line -> assertThat(line).contains("\"uuid\":\"W\""));
        assertThat(ended.code()).isZero();
    }

    @Test
    void packedJsonLinesThatAreCutOff_areReadUpToTheLastWholeOne() throws IOException {
        String text = IntStream.range(0, 1_000)
                .mapToObj(i -> json("GPU-" + i * 7919 + i))
                .collect(Collectors.joining());
        byte[] bytes = packed(text);

        Ended ended = check("--samples", file("x", Arrays.copyOf(bytes, bytes.length / 2)));

        int read = ended.out().size();
        assertThat(read).isBetween(100, 900);
        assertThat(ended.errors())
                .singleElement()
                .asString()
                .endsWith(": line " + read + ": unexpected end of gzip data after line " + read);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[\n%s]\n",
                "{\"timestamp\":\"2026-03-01T12:00:00Z\",\"metric_name\":\"DCGM_A\",\"uuid\":\"U\",\"value\":4,\"labels_raw\":\n{\"a\":\"b\"}\n}"
            })
    void jsonOfSeveralLines_isOneRecord(String text) throws IOException {
        Ended ended = check("--samples", file("x", text.formatted(json("U"))));

        assertThat(ended.out()).hasSize(1);
        assertThat(ended.code()).isZero();
    }

    /** The program goes by the rules of the decoder alone, which are tested there. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "9bad{UUID=\"x\"} 1\n%s",
                "{UUID=\"x\"} 1\n%s",
                "# HELP DCGM_FI_DEV_GPU_TEMP Temperature by gpu, uuid, pod\n%s",
                "DCGM_A{UUID=\"U\",note=\"a,uuid,b\"} N/A\n%s",
                "# \u0445\n%s",
                "\ufeff%s"
            })
    void format_isThatOfTheDecoder(String text) throws IOException {
        Ended ended = check("--samples", file("x", text.formatted(SCRAPE)));

        assertThat(ended.out()).hasSize(1);
    }

    @Test
    void objectForPrograms_hasTheCountsOfTheTable() throws IOException {
        String file = file("scrape", """
                go_goroutines 12
                DCGM_FI_DEV_SERIAL{gpu="0",UUID="V"} 1
                DCGM_FI_DEV_NVSWITCH_TEMPERATURE_CURRENT{nvswitch="n",Hostname="n1"} 44
                """);
        String table = file("table", "timestamp,metric_name,uuid,value,labels_raw\n1772366400,DCGM_A,U,4,no labels\n");

        assertThat(check("--json", file, table).out())
                .satisfiesExactly(
                        line -> assertThat(line)
                                .contains("\"labels\":1,\"other_metrics\":1,\"not_gpus\":1,\"unreadable_labels\":0,"),
                        line -> assertThat(line).contains("\"unreadable_labels\":1,\"malformed_texts\":0,"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            quoteCharacter = '`',
            value = {
                "# EOF | text",
                "name{a=\"b\"} 1 | text",
                "name 1 | text",
                "` ` | unknown",
                "uuid | unknown",
                "<html> | unknown",
                "timestamp\tmetric_name\tuuid\tvalue | csv",
                "value\tTimestamp | csv",
                "value, x, uuid | csv",
                "2026-03-01T12:00:00Z,DCGM_A,1 | csv",
                "2026-03-01T12:00:00Z,name,1 | unknown",
                "uuid, name | smi",
                "timestamp, temperature.gpu | smi",
                "timestamp, uuid, power.draw [W] | smi",
                "timestamp,uuid,rack,value | csv",
                "timestamp,metric_name,a.b | csv",
                "` [1]` | json",
                "{ | json"
            })
    void format_isThatOfTheContent(String content, String format) throws IOException {
        assertThat(check("--json", file("x", content)).out())
                .singleElement()
                .asString()
                .contains("\"format\":\"" + format + '"');
        assertThat(check("--json", "--format", "csv", file("x", content)).out())
                .singleElement()
                .asString()
                .contains("\"format\":\"csv\"");
    }

    @Test
    void sum_isThatOfTheDecimalNumbers_andTextIsAscii() throws IOException {
        String file = file("scrape", """
                DCGM_FI_PROF_SM_ACTIVE{UUID="U",pod="\u00e4\ud83d\ude00"} 0.1
                DCGM_FI_PROF_SM_ACTIVE{UUID="V"} 0.2
                """);

        assertThat(check("--json", file).out())
                .singleElement()
                .asString()
                .endsWith("{\"DCGM_FI_PROF_SM_ACTIVE\":{\"count\":2,\"sum\":0.3,\"min\":0.1,\"max\":0.2}}}");
        assertThat(check("--samples", file).out().get(0)).contains("\"pod\":\"\\u00E4\\uD83D\\uDE00\"");
    }
}
