package io.gpufleet.telemetry.kafka.producer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScrapeSplitterTest {
    private static final String REST = "rest";

    private static Map<String, String> split(String text) {
        Map<String, String> parts = new LinkedHashMap<>();
        ScrapeSplitter.split(text.getBytes(UTF_8), (uuid, part) -> {
            String earlier = parts.put(uuid.orElse(REST), new String(part, UTF_8));
            assertThat(earlier).as("an earlier part of " + uuid).isNull();
        });
        return parts;
    }

    @Test
    void split_givesEachGpuItsLinesWithTheirComments() {
        String text = """
                # HELP DCGM_FI_DEV_SM_CLOCK SM clock frequency (in MHz).
                # TYPE DCGM_FI_DEV_SM_CLOCK gauge
                # HELP DCGM_FI_DEV_ENERGY Total energy.
                # TYPE DCGM_FI_DEV_ENERGY counter
                # UNIT DCGM_FI_DEV_ENERGY millijoules
                # a remark
                DCGM_FI_DEV_SM_CLOCK{gpu="0",UUID="GPU-0"} 139
                DCGM_FI_DEV_SM_CLOCK{gpu="1",UUID="GPU-1"} 1410

                DCGM_FI_DEV_ENERGY{gpu="0",UUID="GPU-0"} 1000
                DCGM_FI_DEV_SM_CLOCK{gpu="0",UUID="GPU-0",GPU_I_ID="1"} 140
                go_goroutines 12
                """;

        assertThat(split(text))
                .containsExactly(entry("GPU-0", """
                                # HELP DCGM_FI_DEV_SM_CLOCK SM clock frequency (in MHz).
                                # TYPE DCGM_FI_DEV_SM_CLOCK gauge
                                DCGM_FI_DEV_SM_CLOCK{gpu="0",UUID="GPU-0"} 139
                                # HELP DCGM_FI_DEV_ENERGY Total energy.
                                # TYPE DCGM_FI_DEV_ENERGY counter
                                # UNIT DCGM_FI_DEV_ENERGY millijoules
                                DCGM_FI_DEV_ENERGY{gpu="0",UUID="GPU-0"} 1000
                                DCGM_FI_DEV_SM_CLOCK{gpu="0",UUID="GPU-0",GPU_I_ID="1"} 140
                                """), entry("GPU-1", """
                                # HELP DCGM_FI_DEV_SM_CLOCK SM clock frequency (in MHz).
                                # TYPE DCGM_FI_DEV_SM_CLOCK gauge
                                DCGM_FI_DEV_SM_CLOCK{gpu="1",UUID="GPU-1"} 1410
                                """), entry(REST, "go_goroutines 12\n"));
    }

    /** The last one of several counts, also behind the lines. */
    @Test
    void split_findsCommentsAnywhere() {
        String text = """
                # TYPE x gauge
                x_total{UUID="a"} 1
                x{UUID="a"} 2
                # TYPE x counter
                # TYPE x_total gauge
                """;

        assertThat(split(text)).containsExactly(entry("a", """
                                # TYPE x counter
                                # TYPE x_total gauge
                                x_total{UUID="a"} 1
                                x{UUID="a"} 2
                                """));
    }

    @Test
    void split_findsCommentsByAnyBlanks_alsoBehindAByteOrderMark() {
        String text = "\ufeff#\tTYPE\tx counter\n#  HELP x  Words.\nx{UUID=\"a\"} 1\n";

        assertThat(split(text)).containsExactly(entry("a", "#  HELP x  Words.\n#\tTYPE\tx counter\nx{UUID=\"a\"} 1\n"));
        assertThat(split("\ufeffx{UUID=\"a\"} 1\n")).containsExactly(entry("a", "x{UUID=\"a\"} 1\n"));
        assertThat(split("#TYPE x counter\n# TYPES x counter\nx{UUID=\"a\"} 1\n"))
                .containsExactly(entry("a", "x{UUID=\"a\"} 1\n"));
    }

    @Test
    void split_endsEachPartAsTheText() {
        String text = """
                x{UUID="a"} 1 1772366400.25
                go 1
                # EOF

                x{UUID="b"} 2
                """;

        assertThat(split(text))
                .containsExactly(
                        entry("a", "x{UUID=\"a\"} 1 1772366400.25\n# EOF\n"),
                        entry(REST, "go 1\n# EOF\nx{UUID=\"b\"} 2\n"));
    }

    /** Its reader refuses a last line without a line feed. */
    @Test
    void split_leavesALastLineOpen() {
        assertThat(split("x{UUID=\"a\"} 1\r\ny{UUID=\"a\"} 2\n\r\n  \nx{UUID=\"a\"} 12"))
                .containsExactly(entry("a", "x{UUID=\"a\"} 1\r\ny{UUID=\"a\"} 2\nx{UUID=\"a\"} 12"));
        assertThat(split("x{UUID=\"a\"} 1\n# TYPE x gauge")).containsExactly(entry("a", "x{UUID=\"a\"} 1\n"));
        assertThat(split("")).isEmpty();
        assertThat(split("# TYPE x gauge\n")).isEmpty();
    }

    @Test
    void split_leavesOutLongComments() {
        String help = "# HELP x " + "y".repeat(2_000) + "\n";
        assertThat(split(help + "x{UUID=\"a\"} 1\n")).containsExactly(entry("a", "x{UUID=\"a\"} 1\n"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '\'',
            value = {
                "x{UUID=\"a\"} 1;a",
                "\t x {\tUUID = \"a\" , } 1;a",
                "x{gpu_uuid=\"a\",UUID=\"b\"} 1;b",
                "x{UUID=\"\",uuid=\" \",gpu_uuid=\"<<<NULL>>>\",GPU_UUID=\"d\"} 1;d",
                "x{pod=\"a}b\",UUID=\"a\"} 1;a",
                "x{pod=\"a\\\"} 1\",UUID=\"a\"} 1;a",
                "x{pod=\"\\\\\",UUID=\"a\"} 1;a",
                "x{pod=\"UUID=\\\"b\\\"\",UUID=\"a\"} 1;a",
                "x{UUID=\"a\\\\\\\"\\n\\t\"} 1;'a\\\"\n\\t'",
                "x{UUID=\"MIG-GPU-1/3/0\"} ERROR - FAILED TO CONVERT TO STRING;MIG-GPU-1/3/0",
                "x{UUID=\"Ä\"} 1;Ä",
            })
    void split_findsTheGpu(String line, String uuid) {
        assertThat(split(line + "\n")).containsExactly(entry(uuid, line + "\n"));
    }

    /** In a label set that cannot be read, a UUID may be a part of another label. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "x 1",
                "x{} 1",
                "{UUID=\"a\"",
                "x{UUID=\"a\"",
                "x{UUID=\"a\",",
                "x{UUID=\"a} 1",
                "x{UUID=\"a\\\"} 1",
                "x{UUID=\"a\\",
                "x{UUID=a} 1",
                "x{UUID \"a\"} 1",
                "x{UUID=\"a\" gpu=\"0\"} 1",
                "x{pod=\"say \"hi\"\",UUID=\"a\"} 1",
                "x{,UUID=\"a\"} 1",
                "x{Ä=\"1\",UUID=\"a\"} 1",
                "x{UUID=\"\"} 1",
                "x{UUID=\"N/A\"} 1",
                "x{UUIDS=\"a\"} 1",
                "x{Hostname=\"n1\",nvswitch=\"nvswitch0\"} 1",
                "1;2,3\u0000",
            })
    void split_losesNoLineWhoseGpuIsNotFound(String line) {
        assertThat(split(line + "\n")).containsExactly(entry(REST, line + "\n"));
    }

    /** Whatever the bytes: each line of the text is in exactly one part, and lines of a part keep their order. */
    @Test
    void split_losesNothingOfAnyText() {
        Random random = new Random(20_260_301);
        String[] pieces = {"x", "{", "}", "UUID=", "\"", "\\", "a", "b", "\n", "\r", " ", ",", "\n", "x{UUID=\"a\"} 1\n"
        };
        for (int round = 0; round < 20_000; round++) {
            String text = random.ints(random.nextInt(40), 0, pieces.length)
                    .mapToObj(piece -> pieces[piece])
                    .collect(Collectors.joining());
            List<String> found = new ArrayList<>();
            Map<String, String> parts = split(text);
            parts.values().forEach(part -> found.addAll(lines(part)));
            assertThat(found).as(text).containsExactlyInAnyOrderElementsOf(lines(text));
            parts.values().forEach(part -> assertThat(lines(text)).as(text).containsSubsequence(lines(part)));
        }
    }

    @Test
    void split_keepsBytesThatAreNoText() {
        byte[] text = "x{UUID=\"a\u00ff\"} 1\n".getBytes(ISO_8859_1);
        ScrapeSplitter.split(text, (uuid, part) -> {
            assertThat(uuid).contains("a\ufffd");
            assertThat(part).isEqualTo(text);
        });
    }

    /** Returns the lines that are not blank, with their ends. */
    private static List<String> lines(String text) {
        return List.of(text.split("(?<=\n)")).stream()
                .filter(line -> !line.replaceFirst("\r?\n$|\r$", "")
                        .replaceAll("[ \t]", "")
                        .isEmpty())
                .toList();
    }
}
