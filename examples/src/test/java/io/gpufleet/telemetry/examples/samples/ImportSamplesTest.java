package io.gpufleet.telemetry.examples.samples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.quickstart.Query;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of every form in the tables, by the decoders of the program. */
@TelemetryStackTest
final class ImportSamplesTest {
    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    @TempDir
    private Path directory;

    private static PostgresDatabase database(TelemetryStack stack) {
        return database(stack, GpuLayout.NUMBERED);
    }

    private static PostgresDatabase database(TelemetryStack stack, GpuLayout layout) {
        PostgresDatabase database = stack.newDatabase();
        TelemetrySchema.builder(database.dataSource())
                .schema("telemetry")
                .gpuSamples(layout)
                .build()
                .install();
        return database;
    }

    private static Ended run(PostgresDatabase database, String... arguments) {
        List<String> all = new ArrayList<>(List.of("import", "--database-url", database.jdbcUrl()));
        all.addAll(List.of("--schema", "telemetry"));
        if (Stream.of(arguments).noneMatch(argument -> argument.startsWith("--zone"))) {
            all.addAll(List.of("--zone", "UTC"));
        }
        all.addAll(List.of(arguments));
        return Ended.of(all.toArray(String[]::new));
    }

    private String file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text).toString();
    }

    private static List<List<Object>> stored(PostgresDatabase database) throws SQLException {
        return Query.rows(
                database.dataSource(),
                "SELECT uuid, metric_value::int FROM telemetry.gpu_telemetry ORDER BY uuid, metric_value");
    }

    @Test
    void filesOfEveryForm_areStoredOnce(TelemetryStack stack) throws Exception {
        PostgresDatabase database = database(stack);
        String local = now.toString().replace("Z", "").replace('-', '/').replace('T', ' ');
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        for (String uuid : List.of("C1", "C2")) {
            try (GZIPOutputStream packing = new GZIPOutputStream(packed)) {
                String row = now + ",DCGM_FI_DEV_GPU_TEMP," + uuid + ",43\n";
                packing.write(("timestamp,metric_name,uuid,value\n" + row).getBytes(UTF_8));
            }
        }
        Path members = Files.write(directory.resolve("members.csv.gz"), packed.toByteArray());
        String[] files = {
            file("a.prom", "DCGM_FI_DEV_GPU_TEMP{UUID=\"A\",Hostname=\"n1\"} 41\n"),
            file(
                    "b.jsonl",
                    "{\"time\":\"" + now + "\",\"metric\":\"DCGM_FI_DEV_GPU_TEMP\",\"uuid\":\"B1\",\"value\":42}\n"
                            + "{\"time\":\"" + now
                            + "\",\"metric\":\"DCGM_FI_DEV_GPU_TEMP\",\"uuid\":\"B2\",\"value\":42}\n"),
            members.toString(),
            file("d.csv", "timestamp, uuid, temperature.gpu\n" + local + ", D, 44\n")
        };
        assertThat(run(database, files).code()).isEqualTo(ExitCodes.OK);
        assertThat(stored(database))
                .containsExactly(
                        List.of("A", 41),
                        List.of("B1", 42),
                        List.of("B2", 42),
                        List.of("C1", 43),
                        List.of("C2", 43),
                        List.of("D", 44));
        Ended again = run(database, files);
        assertThat(again.code()).isEqualTo(ExitCodes.OK);
        assertThat(again.out()).allSatisfy(line -> assertThat(line).contains(": 0 rows read, 0 samples stored"));
    }

    @Test
    void lineWithoutItsEnd_isNamedAndStoredWhenItIsWhole(TelemetryStack stack) throws Exception {
        PostgresDatabase database = database(stack);
        String file = file("a.csv", "timestamp,metric_name,uuid,value\n" + now + ",DCGM_FI_DEV_GPU_TEMP,A,4");
        Ended cut = run(database, file);
        assertThat(cut.code()).isEqualTo(ExitCodes.NOT_SO);
        assertThat(cut.errors())
                .containsExactly(
                        "gpu-samples import: " + file + ": line 2 has no line end, not stored; --complete takes it");
        Files.writeString(Path.of(file), "1", StandardOpenOption.APPEND);
        assertThat(run(database, "--complete", file).code()).isEqualTo(ExitCodes.OK);
        assertThat(stored(database)).containsExactly(List.of("A", 41));
    }

    @Test
    void importThatIsGivenUp_letsAnotherFileComeUnderItsName(TelemetryStack stack) throws Exception {
        PostgresDatabase database = database(stack);
        String header = "timestamp,metric_name,uuid,value\n";
        String file = file("a.csv", header + now + ",DCGM_FI_DEV_GPU_TEMP,A,41\n" + now);
        assertThat(run(database, "--forget", file).code()).isEqualTo(ExitCodes.NOT_SO);
        assertThat(run(database, file).code()).isEqualTo(ExitCodes.NOT_SO);
        file("a.csv", header + now + ",DCGM_FI_DEV_GPU_TEMP,B,42\n");
        Ended refused = run(database, file);
        assertThat(refused.code()).isEqualTo(ExitCodes.NOT_SO);
        assertThat(refused.errors())
                .singleElement()
                .asString()
                .contains(file + ": was another file when row 1 was stored (checksum ");
        Ended forgotten = run(database, "--forget", file);
        assertThat(forgotten.code()).isEqualTo(ExitCodes.OK);
        assertThat(forgotten.out()).containsExactly(file + ": import is given up behind row 1; what is stored stays");
        assertThat(run(database, file).code()).isEqualTo(ExitCodes.OK);
        assertThat(stored(database)).containsExactly(List.of("A", 41), List.of("B", 42));
        assertThat(run(database, "--forget", "--complete", file).code()).isEqualTo(ExitCodes.USAGE);
    }

    @Test
    void rowsOfAFile_needAGridForWideRows(TelemetryStack stack) throws Exception {
        PostgresDatabase database = database(stack);
        String header = "timestamp,metric_name,uuid,value\n";
        String file = file(
                "a.csv",
                header + now + ",DCGM_FI_DEV_GPU_TEMP,A,41\n" + now.plusSeconds(2) + ",DCGM_FI_DEV_POWER_USAGE,A,42\n");
        Ended refused = run(database, "--layout=wide", file);
        assertThat(refused.code()).isEqualTo(ExitCodes.NOT_SO);
        assertThat(refused.errors())
                .singleElement()
                .asString()
                .contains("rows of a file are not whole scrapes", "--grid");
        assertThat(run(database, "--layout=wide", "--grid=30m", file).code()).isEqualTo(ExitCodes.OK);
        assertThat(Query.rows(database.dataSource(), "SELECT gpu_temp, power_usage FROM telemetry.gpu_metrics"))
                .hasSizeBetween(1, 2);
    }

    @Test
    void rowThatIsRefused_isNamedByItsLine(TelemetryStack stack) throws Exception {
        PostgresDatabase database = database(stack);
        String file = file(
                "a.csv",
                "timestamp,metric_name,uuid,value\n" + now + ",DCGM_FI_DEV_GPU_TEMP,A,41\n" + now
                        + ",DCGM_FI_DEV_GPU_TEMP,A,many\n");
        Ended ended = run(database, file, directory.resolve("missing.csv").toString());
        assertThat(ended.code()).isEqualTo(ExitCodes.NOT_SO);
        assertThat(ended.out()).singleElement().asString().contains("1 sample stored", "1 refused");
        assertThat(ended.errors()).contains("gpu-samples import: " + file + ": line 3: value \"many\" is not a number");
        Ended again = run(database, file);
        assertThat(again.code()).isEqualTo(ExitCodes.NOT_SO);
        assertThat(again.out())
                .singleElement()
                .asString()
                .endsWith(" 0 refused; 2 rows stored before, 1 refused before");
        assertThat(again.errors())
                .contains("gpu-samples import: " + file
                        + ": 1 refused by earlier imports; operator dead-letters list --group sample-files shows them");
    }

    @Test
    void fileThatWasImported_isStoredOnceMoreByAnotherGroup(TelemetryStack stack) throws Exception {
        PostgresDatabase database = database(stack);
        String file = file("a.csv", "timestamp,metric_name,uuid,value\n" + now + ",DCGM_FI_DEV_GPU_TEMP,A,41\n");
        assertThat(run(database, file).code()).isEqualTo(ExitCodes.OK);
        Ended again = run(database, "--layout=wide", "--grid=30s", file);
        assertThat(again.code()).isEqualTo(ExitCodes.OK);
        assertThat(again.errors())
                .containsExactly("gpu-samples import: " + file + ": was imported before, by the group sample-files;"
                        + " another --group stores it once more, into other tables or read with other options");
        Ended wide = run(database, "--layout=wide", "--grid=30s", "--group=wide", file);
        assertThat(wide.code()).isEqualTo(ExitCodes.OK);
        assertThat(wide.errors()).isEmpty();
        assertThat(Query.rows(database.dataSource(), "SELECT gpu_temp::int FROM telemetry.gpu_metrics"))
                .containsExactly(List.of(41));
        assertThat(stored(database)).containsExactly(List.of("A", 41));
    }

    @Test
    void localTimesWithoutAZone_areRefusedInTheWordsOfTheProgram(TelemetryStack stack) throws Exception {
        PostgresDatabase database = database(stack);
        String file = file("d.csv", "timestamp, uuid, temperature.gpu\n2026/03/01 12:00:00.000, D, 44\n");
        Ended ended = Ended.of("import", "--database-url", database.jdbcUrl(), "--schema", "telemetry", file);
        assertThat(ended.code()).isEqualTo(ExitCodes.NOT_SO);
        assertThat(ended.errors())
                .containsExactly("gpu-samples import: " + file
                        + ": line 2: timestamp \"2026/03/01 12:00:00.000\" names no zone; give --zone");
    }

    @Test
    void flatTables_areFilledAsNumberedOnes(TelemetryStack stack) throws Exception {
        PostgresDatabase database = database(stack, GpuLayout.FLAT);
        String file = file("a.csv", "timestamp,metric_name,uuid,value\n" + now + ",DCGM_FI_DEV_GPU_TEMP,A,41\n");
        Ended ended = run(database, "--layout=both", "--grid=30s", file);
        assertThat(ended.errors()).isEmpty();
        assertThat(ended.code()).isEqualTo(ExitCodes.OK);
        assertThat(stored(database)).containsExactly(List.of("A", 41));
        assertThat(Query.rows(database.dataSource(), "SELECT gpu_temp::int FROM telemetry.gpu_metrics"))
                .containsExactly(List.of(41));
    }

    @Test
    void tablesThatAreMissing_areNamedWithWhatCreatesThem(TelemetryStack stack) throws Exception {
        Ended ended = run(stack.newDatabase(), file("a.csv", "timestamp,metric_name,uuid,value\n"));
        assertThat(ended.errors())
                .singleElement()
                .asString()
                .contains("not installed (GPU samples)", "operator schema sql --gpu-samples");
    }

    @Test
    void timesWithoutZone_areReadInAnotherOneByAnotherGroup(TelemetryStack stack) throws Exception {
        PostgresDatabase database = database(stack);
        String file = file("d.csv", "timestamp, uuid, temperature.gpu\n2026/03/01 12:00:00.000, D, 44\n");
        assertThat(run(database, file).code()).isEqualTo(ExitCodes.OK);
        assertThat(run(database, "--group=berlin", "--zone=Europe/Berlin", file).code())
                .isEqualTo(ExitCodes.OK);
        assertThat(Query.rows(
                        database.dataSource(), "SELECT ts AT TIME ZONE 'UTC' FROM telemetry.gpu_telemetry ORDER BY ts"))
                .extracting(row -> row.get(0).toString())
                .containsExactly("2026-03-01 11:00:00.0", "2026-03-01 12:00:00.0");
    }

    @Test
    void scrapeWithoutTimes_hasTheTimeOfItsFileOrTheGivenOne(TelemetryStack stack) throws Exception {
        PostgresDatabase database = database(stack);
        String first = file("a.prom", "# TYPE DCGM_FI_DEV_GPU_TEMP gauge\nDCGM_FI_DEV_GPU_TEMP{UUID=\"A\"} 41\n");
        Files.setLastModifiedTime(Path.of(first), FileTime.from(Instant.parse("2026-03-01T12:00:00.250Z")));
        String second = file("b.prom", "DCGM_FI_DEV_GPU_TEMP{UUID=\"B\"} 42\n");
        String lines = file("c.txt", "DCGM_FI_DEV_GPU_TEMP,UUID=C value=43\n");
        assertThat(run(database, first).code()).isEqualTo(ExitCodes.OK);
        assertThat(run(database, "--time=2026-03-01T14:00:00+01:00", second, lines)
                        .code())
                .isEqualTo(ExitCodes.OK);
        assertThat(Query.rows(
                        database.dataSource(),
                        "SELECT uuid, ts AT TIME ZONE 'UTC' FROM telemetry.gpu_telemetry ORDER BY uuid"))
                .extracting(row -> row.get(0) + " " + row.get(1))
                .containsExactly("A 2026-03-01 12:00:00.25", "B 2026-03-01 13:00:00.0", "C 2026-03-01 13:00:00.0");
        for (String time : List.of("noon", "+10000-01-01T00:00:00Z")) {
            assertThat(run(database, "--time=" + time, second).code()).isEqualTo(ExitCodes.USAGE);
        }
    }

    @Test
    void scrapesWithoutTimes_areRefusedBeforeAnythingIsStored(TelemetryStack stack) throws Exception {
        PostgresDatabase database = database(stack);
        String a = "DCGM_FI_DEV_GPU_TEMP{UUID=\"A\",Hostname=\"n1\"} ";
        String words = ": DCGM_FI_DEV_GPU_TEMP of A stands here again without a time; a file of several scrapes needs a"
                + " time in each line, for the time of a file (or --time) is that of one scrape; so import"
                + " each scrape as a file of its own";
        List<String> texts = List.of(
                a + "41\n" + a + "41 " + now.toEpochMilli() + "\n" + a + "42\n",
                a + "41\n# EOF\n" + a + "42\n# EOF\n",
                "DCGM_FI_DEV_GPU_TEMP,UUID=A value=41\n#\nDCGM_FI_DEV_GPU_TEMP,UUID=A value=41\n");
        for (int i = 0; i < texts.size(); i++) {
            String file = file(i + ".prom", texts.get(i));
            for (String[] options : new String[][] {{file}, {file, "--time=2026-03-01T12:00:00Z"}}) {
                Ended refused = run(database, options);
                assertThat(refused.code()).isEqualTo(ExitCodes.NOT_SO);
                assertThat(refused.errors()).containsExactly("gpu-samples import: " + file + ": line 3" + words);
            }
        }
        assertThat(stored(database)).isEmpty();
        assertThat(Query.rows(database.dataSource(), "SELECT 1 FROM telemetry.sample_file_imports"))
                .isEmpty();
        String timed = file(
                "timed.prom",
                a + "41 " + now.toEpochMilli() + "\n" + a + "42 "
                        + now.plusSeconds(1).toEpochMilli() + "\n");
        Files.setLastModifiedTime(Path.of(timed), FileTime.from(now));
        assertThat(run(database, timed).code()).isEqualTo(ExitCodes.OK);
        assertThat(stored(database)).hasSize(2);
    }

    @Test
    void headerThatCannotBeRead_isNamedByItsLine(TelemetryStack stack) throws Exception {
        PostgresDatabase database = database(stack);
        String good = "timestamp,metric_name,uuid,value\n" + now + ",DCGM_FI_DEV_GPU_TEMP,A,41\n";
        String bad = "timestamp,metric_name,value\n" + now + ",DCGM_FI_DEV_GPU_TEMP,41\n";
        for (String[] text : new String[][] {
            {good + "\n" + bad, ": line 4: columns missing: uuid"},
            {bad, ": line 1: columns missing: uuid"},
            {good + "timestamp,metric_name,uuid,value,value\nx\n", ": line 3: column \"value\" stands twice"}
        }) {
            String file = file("a.csv", text[0]);
            Ended refused = run(database, file);
            assertThat(refused.code()).isEqualTo(ExitCodes.NOT_SO);
            assertThat(refused.errors()).containsExactly("gpu-samples import: " + file + text[1]);
            run(database, "--forget", file);
        }
    }

    @Test
    void rowsBeyondRetention_areNamedByTheirLines(TelemetryStack stack) throws Exception {
        PostgresDatabase database = database(stack);
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("UPDATE telemetry.gpu_sample_retention SET kept_from = CURRENT_DATE - 5");
        }
        String old = now.minus(Duration.ofDays(9)) + ",DCGM_FI_DEV_GPU_TEMP,";
        String file = file(
                "a.csv",
                "timestamp,metric_name,uuid,value\n" + now + ",DCGM_FI_DEV_GPU_TEMP,A,41\n" + old + "A,nan\n\n" + old
                        + "A,42\n" + old + "B,43\n");
        Ended ended = run(database, file);
        assertThat(ended.code()).isEqualTo(ExitCodes.NOT_SO);
        assertThat(ended.errors())
                .satisfiesExactly(
                        line -> assertThat(line).contains("a.csv: line 5: beyond retention: "),
                        line -> assertThat(line).contains("a.csv: line 6: beyond retention: "));
    }

    @Test
    void help_namesTheCommandThatPrintsTheTables() {
        assertThat(String.join(" ", Ended.of("import", "--help").out()))
                .contains("operator schema sql --gpu-samples")
                .doesNotContain("schema install");
    }

    @Test
    void comments_areNoRows(TelemetryStack stack) throws Exception {
        PostgresDatabase database = database(stack);
        String head = "# HELP DCGM_FI_DEV_GPU_TEMP Temperature.\n# TYPE DCGM_FI_DEV_GPU_TEMP gauge\n \n\n";
        String file = file("a.prom", head + "DCGM_FI_DEV_GPU_TEMP{UUID=\"A\"} 41\n# EOF\n");
        assertThat(run(database, file).out().get(0)).contains(": 1 row read, 1 sample stored");
        String lines =
                file("a.txt", "# comment\n\nDCGM_FI_DEV_GPU_TEMP,UUID=B v=41 " + now.getEpochSecond() + "000000000\n");
        assertThat(run(database, lines).out().get(0)).contains(": 1 row read, 1 sample stored");
    }

    @Test
    void bytesThatAreNoText_areRefusedAsAWhole(TelemetryStack stack) throws Exception {
        PostgresDatabase database = database(stack);
        byte[] noise = new byte[100_000];
        new Random(1).nextBytes(noise);
        for (int first : new int[] {'#', '{', 'x', 0}) {
            noise[0] = (byte) first;
            String file = file("noise", "");
            Files.write(Path.of(file), noise);
            Ended refused = run(database, file);
            assertThat(refused.code()).isEqualTo(ExitCodes.NOT_SO);
            assertThat(refused.errors()).singleElement().asString().contains(file + ": nothing is recognised");
        }
        assertThat(stored(database)).isEmpty();
    }

    @Test
    void headerOfOtherColumns_isRefusedOnce(TelemetryStack stack) throws Exception {
        PostgresDatabase database = database(stack);
        String file = file("a.csv", "timestamp,metric,uuid,val\n" + (now + ",DCGM_FI_DEV_GPU_TEMP,A,41\n").repeat(3));
        assertThat(run(database, file).errors())
                .containsExactly("gpu-samples import: " + file + ": line 1: columns missing: metric_name, value");
    }

    @Test
    void rowsBeyondTheNamedOnes_areCounted(TelemetryStack stack) throws Exception {
        PostgresDatabase database = database(stack);
        String bad = now + ",DCGM_FI_DEV_GPU_TEMP,A,many\n";
        Ended ended = run(database, file("a.csv", "timestamp,metric_name,uuid,value\n" + bad.repeat(1_234)));
        assertThat(ended.out().get(0)).contains(": 1,234 rows read, 0 samples stored", " 1,234 refused;");
        assertThat(ended.errors()).hasSize(1_001);
        assertThat(ended.errors().get(1_000)).contains("and 234 more refused; operator dead-letters list");
    }

    @Test
    void linesOfInflux_haveMicrosecondsAndOneTypeOfNumbers(TelemetryStack stack) throws Exception {
        PostgresDatabase database = database(stack);
        String at = "DCGM_FI_DEV_GPU_TEMP,UUID=A ";
        long second = now.getEpochSecond();
        String head = """
                # INFLUXDB EXPORT: ...
                CREATE DATABASE dcgm WITH NAME autogen
                CREATE RETENTION POLICY autogen ON dcgm DURATION 0s REPLICATION 1
                # DML
                """;
        String file = file(
                "export.txt",
                head + at + "v=71i " + second + "370294075\n" + at + "v=72 " + second + "370649259\n" + at + "v=73.0 "
                        + second + "370899918\n" + at + "v=7.4e1 " + second + "371160586\n" + at + "v=75 " + second
                        + "371160999\n" + at + "v=\"76\" " + second + "372000000\n" + at + "v=74 " + second
                        + "371160000\n" + at + "v=NaN,other=1 " + second + "373000000\ncpu usage=1 " + second
                        + "373000000\n");
        Ended ended = run(database, file);
        assertThat(ended.out())
                .containsExactly(file + ": 9 rows read, 4 samples stored, 2 duplicates (1 conflict), 1 without a"
                        + " value, 2 of other metrics, 1 refused; 0 rows stored before");
        String clash = " for DCGM_FI_DEV_GPU_TEMP of A at " + now.plusNanos(371_160_000);
        assertThat(ended.errors())
                .containsExactly(
                        "gpu-samples import: " + file + ": line 10: field \"v\" is the text \"76\", not a number",
                        "gpu-samples import: " + file + ": line 9: 75.0 is not stored, since line 8 has 74.0" + clash,
                        "gpu-samples import: " + file + ": line 11: 74.0 is not stored, since line 8 has 74.0" + clash);
        assertThat(stored(database))
                .containsExactly(List.of("A", 71), List.of("A", 72), List.of("A", 73), List.of("A", 74));
        assertThat(run(database, file).out().get(0)).contains(": 0 rows read, 0 samples stored");
    }

    @Test
    void quoteThatIsNotClosed_costsItsLine(TelemetryStack stack) throws Exception {
        PostgresDatabase database = database(stack);
        String row = now + ",DCGM_FI_DEV_GPU_TEMP,";
        String text = "timestamp,metric_name,uuid,value,pod\n" + row + "A,41,\"a\nb\"\n" + row + "B,42,\"b\n" + row
                + "C,43,c\n";
        String file = file("a.csv", text);
        Ended open = run(database, file);
        assertThat(open.code()).isEqualTo(ExitCodes.NOT_SO);
        assertThat(open.errors())
                .containsExactly(
                        "gpu-samples import: " + file + ": quote opened in line 4 is never closed, not stored");
        Ended complete = run(database, "--complete", file);
        assertThat(complete.errors())
                .containsExactly("gpu-samples import: " + file
                        + ": quote opened in line 4 is not closed; the lines behind it are read as rows");
        assertThat(complete.out().get(0)).contains(": 2 rows read, 1 sample stored", " 1 refused; 1 row stored before");
        assertThat(stored(database)).containsExactly(List.of("A", 41), List.of("C", 43));
    }

    @Test
    void textsOfInflux_mayGoOverTheEndOfALine(TelemetryStack stack) throws Exception {
        PostgresDatabase database = database(stack);
        String at = " " + now.getEpochSecond() + "000000000\n";
        String line = "gpu,UUID=%s note=\"one, \\\"two\\\"\n\",DCGM_FI_DEV_GPU_TEMP=%d";
        String file = file(
                "a.txt",
                line.formatted("A", 41) + at + line.formatted("B", 42) + at + "gpu,UUID=C note=\"stray" + at
                        + "gpu,UUID=C DCGM_FI_DEV_GPU_TEMP=x" + at + line.formatted("D", 43) + at);
        Ended ended = run(database, file);
        assertThat(ended.out().get(0)).contains(": 5 rows read, 3 samples stored", " 2 refused;");
        assertThat(ended.errors())
                .hasSize(2)
                .satisfiesExactly(
                        reason -> assertThat(reason).contains(file + ": line 5: text ", " is never closed"),
                        reason -> assertThat(reason).contains(file + ": line 6: field "));
        assertThat(stored(database)).containsExactly(List.of("A", 41), List.of("B", 42), List.of("D", 43));
    }
}
