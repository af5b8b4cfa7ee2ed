package io.gpufleet.telemetry.examples.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TableTest {
    private static final Instant TIME = Instant.parse("2026-01-31T23:55:10.120Z");

    private final Table table = new Table(
            "Things",
            List.of(
                    Column.text("name"),
                    Column.number("offset"),
                    Column.count("passed over"),
                    Column.instant("moved at"),
                    Column.texts("reasons")));

    @Test
    void lines_areAligned() {
        table.add(List.of("a", 12_345L, 12_345L, TIME, List.of("x", "y")));
        table.add(Arrays.asList("longer", 7, null, null, List.of()));

        assertThat(table.lines())
                .containsExactly(
                        "Things",
                        "  name    offset  passed over  moved at                  reasons",
                        "  a        12345       12,345  2026-01-31T23:55:10.120Z  x; y",
                        "  longer       7");
    }

    @Test
    void lines_fitAWidth_sentencesOnLinesOfTheirOwnFirst() {
        table.add(List.of("a name of some length", 12_345L, 12_345L, TIME, List.of("a reason that is longer", "y")));

        assertThat(table.lines(76))
                .containsExactly(
                        "Things",
                        "  name                   offset  passed over  moved at",
                        "  a name of some length   12345       12,345  2026-01-31T23:55:10.120Z",
                        "    a reason that is longer; y")
                .allMatch(line -> line.length() <= 76);
        assertThat(table.lines(64).get(2))
                .isEqualTo("  a name...length   12345       12,345  2026-01-31T23:55:10.120Z");
        assertThat(table.lines(20))
                .as("numbers and times are never cut, sentences wrapped")
                .anyMatch(line -> line.contains("12,345  2026-01-31T23:55:10.120Z"))
                .contains("    a reason that is", "    longer; y");
        assertThat(table.lines(Integer.MAX_VALUE)).isEqualTo(table.lines());
    }

    @Test
    void columnsThatCanBeDoneWithout_areLeftOutBeforeNamesAreCut_andNamed() {
        Table services = new Table(
                "Services",
                List.of(
                        Column.text("service"),
                        Column.count("lag"),
                        Column.count("batch ms").dispensable(1),
                        Column.text("speed").dispensable(2)));
        services.add(List.of("heartbeats-of-the-fleet-east", 5, 100, "GOOD"));

        assertThat(services.lines(60)).hasSize(3);
        assertThat(services.lines(46))
                .containsExactly(
                        "Services",
                        "  service                       lag  batch ms",
                        "  heartbeats-of-the-fleet-east    5       100",
                        "  Too narrow for: speed");
        assertThat(services.lines(36))
                .containsExactly(
                        "Services",
                        "  service                       lag",
                        "  heartbeats-of-the-fleet-east    5",
                        "  Too narrow for: batch ms, speed");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10, 20, 30, 40, 60})
    void namesThatAreCut_canStillBeToldApart(int width) {
        Table services = new Table("Services", List.of(Column.text("service"), Column.count("lag")));
        List<String> names = List.of(
                "heartbeat-processor-east", "heartbeat-processor-west", "heartbeat-replayer-east", "heartbeats");
        names.forEach(name -> services.add(List.of(name, 5)));

        assertThat(services.lines(width).stream()
                        .skip(2)
                        .map(line -> line.strip().split(" ", 2)[0]))
                .hasSize(names.size())
                .doesNotHaveDuplicates();
    }

    @Test
    void uprightLines_areAligned() {
        table.add(Arrays.asList("a", 12_345L, null, TIME, List.of("x")));

        assertThat(table.uprightLines())
                .containsExactly(
                        "Things",
                        "  name         a",
                        "  offset       12345",
                        "  passed over",
                        "  moved at     2026-01-31T23:55:10.120Z",
                        "  reasons      x");
    }

    @Test
    void tableWithoutRows_isNone() {
        assertThat(table.lines()).containsExactly("Things", "  none");
        assertThat(table.records()).isEmpty();
    }

    @Test
    void controlCharacters_stayOnTheLine() {
        table.add(Arrays.asList("a\n\u001b[31mb", null, null, null, List.of("c\rd\u009b")));

        assertThat(table.lines().get(2)).startsWith("  a\\u000a\\u001b[31mb").endsWith("c\\u000dd\\u009b");
    }

    @Test
    void longTexts_areCut() {
        assertThat(Column.texts("").format().apply(List.of("x".repeat(60), "y".repeat(60))))
                .hasSize(100)
                .endsWith("y...");
        assertThat(Text.shortened(5, "12345")).isEqualTo("12345");
    }

    @Test
    void bytesBelowZero_haveTheSameUnits() {
        assertThat(Column.bytes("saved").format().apply(-180_224L)).isEqualTo("-180.2 kB");
        assertThat(Column.bytes("saved").format().apply(-999L)).isEqualTo("-999 B");
    }

    @Test
    void records_holdTheValuesAsTheyAre() {
        table.add(Arrays.asList("a\n", 12_345L, null, TIME, List.of("x", "y")));

        assertThat(Json.of(table.records())).isEqualToIgnoringWhitespace("""
                [ {
                  "name" : "a\\n",
                  "offset" : 12345,
                  "passed_over" : null,
                  "moved_at" : "2026-01-31T23:55:10.120Z",
                  "reasons" : [ "x", "y" ]
                } ]""");
    }

    @Test
    void hexDump_showsTheLastLineInPart() {
        byte[] bytes = new byte[17];
        bytes[0] = 'A';
        bytes[15] = (byte) 0xff;
        bytes[16] = '~';

        assertThat(HexDump.lines(bytes))
                .containsExactly(
                        "00000000  41 00 00 00 00 00 00 00  00 00 00 00 00 00 00 ff  |A...............|",
                        "00000010  7e                                                |~|");
        assertThat(HexDump.lines(new byte[0])).isEmpty();
    }
}
