package io.gpufleet.telemetry.jdbc.gpu;

import static io.gpufleet.telemetry.jdbc.gpu.SampleCsv.BEGIN;
import static io.gpufleet.telemetry.jdbc.gpu.SampleCsv.HEADER;
import static io.gpufleet.telemetry.jdbc.gpu.SampleCsv.OTHER_HEADER;
import static io.gpufleet.telemetry.jdbc.gpu.SampleCsv.decode;
import static io.gpufleet.telemetry.jdbc.gpu.SampleCsv.packed;
import static io.gpufleet.telemetry.jdbc.gpu.SampleCsv.row;
import static io.gpufleet.telemetry.jdbc.gpu.SampleCsv.rows;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import io.gpufleet.telemetry.jdbc.gpu.SampleFiles.Imported;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class SampleFilesTest {
    @Parameter
    PostgresVersion version;

    @TempDir
    Path directory;

    private Database database;

    @BeforeEach
    void open() {
        database = version.gpuDatabase(GpuLayout.NUMBERED);
    }

    private SampleFiles.Builder files() {
        Decoder<GpuSample> decoder = SampleCsv::decode;
        return SampleFiles.builder(database.dataSource(), GpuSampleSink.create(database.dataSource()), decoder)
                .chunkRows(100);
    }

    private Imported importFrom(Path file) {
        return files().build().importFrom(file);
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    /** Adds a trigger that fails in the commit that moves a position behind a row; its transaction is rolled back. */
    private void killBehind(int row) {
        database.execute("CREATE FUNCTION kill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                + " RAISE EXCEPTION 'killed'; END $$");
        database.execute("CREATE CONSTRAINT TRIGGER kill AFTER INSERT OR UPDATE ON sample_file_imports"
                + " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.sample_rows > " + row
                + ") EXECUTE FUNCTION kill()");
    }

    private void importAndKill(Path file, int row) {
        killBehind(row);
        assertThatThrownBy(() -> importFrom(file)).hasStackTraceContaining("killed");
        assertThat(database.count("gpu_sample")).isEqualTo(row);
        database.execute("DROP FUNCTION kill() CASCADE");
    }

    /** The value and the time of each row are its number. */
    private void assertStored(int rows) {
        assertThat(database.row("SELECT count(*), count(DISTINCT metric_value), bool_and(ts = TIMESTAMPTZ '" + BEGIN
                        + "' + metric_value * INTERVAL '1 s') FROM gpu_sample"))
                .isEqualTo(rows + "|" + rows + "|t");
    }

    @Test
    void importFrom_storesEachRowOnceAndTheSameTextNever() throws IOException {
        Path file = write("a.csv", HEADER + rows(0, 250));
        Imported first = importFrom(file);
        assertThat(first.samples()).isEqualTo(250);
        assertThat(first.fault()).isEmpty();
        assertThat(database.rows("SELECT records, sample_rows, lines, complete FROM sample_file_imports"))
                .containsExactly("251|250|251|t");
        String before = database.row("SELECT * FROM sample_file_imports");
        Path renamed = Files.move(file, directory.resolve("renamed.csv"));
        Path packed = Files.write(directory.resolve("a.csv.gz"), packed(HEADER + rows(0, 250)));
        for (Path same : List.of(renamed, packed)) {
            Imported again = importFrom(same);
            assertThat(again.rows()).isZero();
            assertThat(again.before()).isEqualTo(250);
            assertThat(database.row("SELECT * FROM sample_file_imports")).isEqualTo(before);
        }
        assertStored(250);
        assertThat(database.count("consumer_offsets")).isZero();
    }

    @Test
    void importFrom_tellsFilesWithTheSameHeadApart() throws IOException {
        String head = HEADER + rows(0, 2_900);
        importFrom(write("a.csv", head + row(2_900)));
        Imported second = importFrom(write("b.csv", head + row(2_901)));
        assertThat(second.duplicates()).isEqualTo(2_900);
        assertThat(second.conflicts()).isZero();
        assertThat(second.samples()).isEqualTo(1);
        assertStored(2_902);
    }

    @Test
    void importFrom_refusesAnotherFileUnderTheNameOfAnUnfinishedOne() throws IOException {
        String text = HEADER + rows(0, 1_000);
        Path file = write("a.csv", text);
        importAndKill(file, 500);
        Path moved = Files.move(file, directory.resolve("moved.csv"));
        write("a.csv", text.replace(row(7), row(7).replace(",7\n", ",8\n")));
        assertThatThrownBy(() -> importFrom(file))
                .isInstanceOf(TelemetryException.class)
                .hasMessageMatching(".*a\\.csv: was another file when row 500 was stored"
                        + " \\(checksum [0-9a-f]{16} then, [0-9a-f]{16} now\\)");
        assertStored(500);
        Imported rest = importFrom(moved);
        assertThat(rest.before()).isEqualTo(500);
        assertThat(rest.samples()).isEqualTo(500);
        assertThat(rest.duplicates()).isZero();
        assertStored(1_000);
        assertThat(importFrom(file).conflicts()).isEqualTo(1);
    }

    @Test
    void importFrom_goesOnWithTheHeaderInForce() throws IOException {
        String text = HEADER
                + rows(0, 299)
                + OTHER_HEADER
                + IntStream.range(299, 998).mapToObj(SampleCsv::otherRow).collect(Collectors.joining());
        Path file = write("a.csv", text);
        importAndKill(file, 200);
        importAndKill(file, 499);
        assertThat(importFrom(file).samples()).isEqualTo(499);
        assertStored(998);
    }

    @Test
    void importFrom_goesOnInsideOfGzipAndStoresTheRowsBeforeACut() throws IOException {
        byte[] first = packed(HEADER + rows(0, 500));
        byte[] second = packed(HEADER + rows(500, 1_000));
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        Path file = Files.write(directory.resolve("c.csv.gz"), Arrays.copyOf(both, first.length + 12));
        assertThat(importFrom(file).fault()).contains("unexpected end of gzip data after line 501");
        assertStored(500);
        Files.write(file, both);
        importAndKill(file, 700);
        Imported rest = importFrom(file);
        assertThat(rest.samples()).isEqualTo(300);
        assertThat(rest.duplicates()).isZero();
        assertThat(rest.fault()).isEmpty();
        assertStored(1_000);
    }

    /** Packs a text without changing its bytes, so that a flipped bit of a value makes another good value. */
    private static byte[] packedAsItIs(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream packing = new GZIPOutputStream(bytes) {
            {
                def.setLevel(Deflater.NO_COMPRESSION);
            }
        }) {
            packing.write(text.getBytes(ISO_8859_1));
        }
        return bytes.toByteArray();
    }

    private static byte[] changed(byte[] file, int row) {
        String changed = new String(file, ISO_8859_1).replace("GPU-a," + row + "\n", "GPU-a," + (row - 1) + "\n");
        return changed.getBytes(ISO_8859_1);
    }

    @Test
    void importFrom_storesNothingOfADamagedMember() throws IOException {
        byte[] second = packedAsItIs(rows(300, 600));
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(packedAsItIs(HEADER + rows(0, 300)));
        both.writeBytes(second);
        Path file = Files.write(directory.resolve("a.csv.gz"), changed(both.toByteArray(), 7));
        Imported none = importFrom(file);
        assertThat(none.rows()).isZero();
        assertThat(none.fault().orElse(""))
                .startsWith("gzip data is damaged near byte ")
                .endsWith(" (checksum of the text is wrong); nothing of it is stored");
        assertThat(database.count("sample_file_imports")).isZero();
        assertThat(database.count("gpu_sample")).isZero();
        Files.write(file, changed(both.toByteArray(), 507));
        assertThat(importFrom(file).fault().orElse("")).endsWith(" (checksum of the text is wrong) after line 301");
        assertStored(300);
        Files.write(file, both.toByteArray());
        Imported rest = importFrom(file);
        assertThat(rest.before()).isEqualTo(300);
        assertThat(rest.conflicts()).isZero();
        assertThat(rest.fault()).isEmpty();
        assertStored(600);
    }

    @Test
    void importFrom_saysThatTheFileOfAnUnfinishedImportIsDamagedNow() throws IOException {
        byte[] whole = packedAsItIs(HEADER + rows(0, 300));
        Path file = Files.write(directory.resolve("a.csv.gz"), Arrays.copyOf(whole, whole.length - 1));
        assertThat(importFrom(file).fault()).contains("unexpected end of gzip data after line 301");
        Files.write(file, changed(whole, 7));
        assertThatThrownBy(() -> importFrom(file))
                .hasMessageMatching(".*was another file when row 300 was stored \\(checksum .* now\\);"
                        + " now, gzip data is damaged near byte \\d+ \\(checksum of the text is wrong\\)");
        Files.write(file, whole);
        assertThat(importFrom(file).before()).isEqualTo(300);
        assertStored(300);
    }

    @Test
    void importFrom_addsTheRowsOfAFileThatHasGrown() throws IOException {
        Path file = write("a.csv", HEADER + rows(0, 1_000));
        importFrom(file);
        Files.writeString(file, rows(1_000, 1_200), StandardOpenOption.APPEND);
        Imported grown = importFrom(file);
        assertThat(grown.before()).isEqualTo(1_000);
        assertThat(grown.samples()).isEqualTo(200);
        assertThat(grown.duplicates()).isZero();
        assertStored(1_200);
    }

    @Test
    void importFrom_saysByHowMuchTheFileGrewAndRefusesItIfItsFirstPartChanges() throws IOException {
        String more = rows(1_000, 1_200);
        Path file = write("a.csv", HEADER + rows(0, 1_000));
        Decoder<GpuSample> appending = (source, values) -> {
            appendOnce(file, more);
            decode(source, values);
        };
        Imported imported = SampleFiles.builder(
                        database.dataSource(), GpuSampleSink.create(database.dataSource()), appending)
                .build()
                .importFrom(file);
        assertThat(imported.samples()).isEqualTo(1_000);
        assertThat(imported.grownBy()).isEqualTo(more.length());
        String text = Files.readString(file);
        Files.writeString(
                file, text.replace("Z,DCGM_FI_DEV_POWER_USAGE,GPU-a,7\n", "Z,DCGM_FI_DEV_POWER_USAGE,GPU-b,7\n"));
        assertThatThrownBy(() -> importFrom(file))
                .hasMessageContaining("a.csv: was another file when row 1000 was stored (checksum ");
        Files.writeString(file, text);
        assertThat(importFrom(file).samples()).isEqualTo(200);
        assertStored(1_200);
    }

    private static void appendOnce(Path file, String more) {
        try {
            if (!Files.readString(file).endsWith(more)) {
                Files.writeString(file, more, StandardOpenOption.APPEND);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void importFrom_leavesALastLineWithoutItsEndToTheNextImport() throws IOException {
        String cut = BEGIN.plusSeconds(71) + ",DCGM_FI_DEV_POWER_USAGE,GPU-a,7";
        Path file = write("a.csv", HEADER + rows(0, 9) + cut);
        assertThat(importFrom(file).fault()).contains("line 11 has no line end, not stored; --complete takes it");
        assertStored(9);
        Files.writeString(file, "1\n", StandardOpenOption.APPEND);
        assertThat(importFrom(file).samples()).isEqualTo(1);
        assertStored(10);
    }

    @Test
    void importFrom_takesALastLineWithoutItsEndIfAskedTo() throws IOException {
        Path file = write("a.csv", (HEADER + rows(0, 9)).strip());
        Imported imported = files().acceptOpenEnd().build().importFrom(file);
        assertThat(imported.samples()).isEqualTo(9);
        assertThat(imported.fault()).isEmpty();
        assertThat(files().acceptOpenEnd().build().importFrom(file).rows()).isZero();
        assertStored(9);
    }

    @Test
    void importFrom_storesADeadLetterOfRefusedRowsWithTheirLinesInTheFile() throws IOException {
        Path file = write("a.csv", HEADER + rows(0, 150) + row(150).replace(",150\n", ",many\n") + rows(151, 152));
        Imported imported = importFrom(file);
        assertThat(imported.samples()).isEqualTo(151);
        assertThat(imported.refused()).isEqualTo(1);
        assertThat(imported.reasons()).containsExactly("line 152: not a number");
        assertThat(database.rows("SELECT group_id, topic, kafka_offset, stage, reasons FROM dead_letters"))
                .containsExactly("sample-files|a.csv|101|sample|{\"line 152: not a number\"}");
        Files.writeString(file, row(152) + row(153).replace(",153\n", ",many\n"), StandardOpenOption.APPEND);
        Imported grown = importFrom(file);
        assertThat(grown.refusedBefore()).isEqualTo(1);
        assertThat(grown.refused()).isEqualTo(1);
        assertThat(importFrom(file).refusedBefore()).isEqualTo(2);
        assertThat(database.rows("SELECT refused FROM sample_file_imports ORDER BY text_bytes"))
                .containsExactly("1", "2");
    }

    @Test
    void importFrom_countsRowsThatTheSinkRefusesAmongThoseOfEarlierImports() throws IOException {
        database.execute("UPDATE gpu_sample_retention SET kept_from = DATE '2026-11-21'");
        String text = HEADER + rows(0, 3) + "x".repeat(2 << 20) + "\n" + row(3).replace("2026-11-20", "2026-11-21");
        Path file = write("a.csv", text);
        assertThat(importFrom(file).refused()).isEqualTo(4);
        assertThat(importFrom(file).refusedBefore()).isEqualTo(4);
    }

    @Test
    void importFrom_storesTheSameTextOnceMoreInAnotherGroup() throws IOException {
        Path file = write("a.csv", HEADER + rows(0, 250) + "half");
        importFrom(file);
        SampleFiles other = files().group("other").build();
        assertThat(other.giveUp(file)).isEmpty();
        Imported again = other.importFrom(file);
        assertThat(again.before()).isZero();
        assertThat(again.duplicates()).isEqualTo(250);
        assertThat(other.importFrom(file).before()).isEqualTo(250);
        write("a.csv", HEADER + rows(250, 260));
        assertThat(other.giveUp(file)).hasValue(250);
        assertThat(other.importFrom(file).samples()).isEqualTo(10);
        assertThatThrownBy(() -> importFrom(file)).hasMessageContaining("was another file when row 250 was stored");
    }

    @Test
    void importFrom_endsWhenAnotherImportHasStoredTheSameText() throws IOException {
        Path file = write("a.csv", HEADER + rows(0, 300));
        Decoder<GpuSample> overtaken = (source, values) -> {
            if (database.count("gpu_sample") == 0) {
                importFrom(file);
            }
            decode(source, values);
        };
        SampleFiles first = SampleFiles.builder(
                        database.dataSource(), GpuSampleSink.create(database.dataSource()), overtaken)
                .chunkRows(300)
                .build();
        assertThatThrownBy(() -> first.importFrom(file))
                .hasMessageContaining("another import has stored the same text");
        assertThat(importFrom(file).rows()).isZero();
        assertStored(300);
    }

    @Test
    void importFrom_refusesAFileWhoseHeaderCannotBeRead() throws IOException {
        Decoder<GpuSample> decoder = (source, values) -> {
            throw new CodecException("columns missing: uuid", 0);
        };
        SampleFiles files = SampleFiles.builder(
                        database.dataSource(), GpuSampleSink.create(database.dataSource()), decoder)
                .build();
        Path file = write("a.csv", "timestamp,metric_name,value\n1,2,3\n");
        assertThatThrownBy(() -> files.importFrom(file)).hasMessageEndingWith("a.csv: line 1: columns missing: uuid");
        assertThat(database.count("dead_letters")).isZero();
        assertThat(database.count("sample_file_imports")).isZero();
    }

    @Test
    void importFrom_expectsAnUnfinishedFileUnderItsLatestName() throws IOException {
        Path file = write("a.csv", HEADER + rows(0, 9) + "half");
        importFrom(file);
        Path renamed = Files.move(file, directory.resolve("b.csv"));
        assertThat(importFrom(renamed).rows()).isZero();
        write("a.csv", HEADER + rows(9, 12));
        assertThat(importFrom(file).samples()).isEqualTo(3);
        assertStored(12);
    }

    @Test
    void importFrom_setsTheBeginningOfARowAsideThatIsTooLong() throws IOException {
        Path file = write("a.csv", HEADER + row(0) + "x".repeat(2 << 20) + "\n" + row(1));
        Imported imported = importFrom(file);
        assertThat(imported.samples()).isEqualTo(2);
        assertThat(imported.refused()).isEqualTo(1);
        assertThat(imported.reasons()).containsExactly("line 3: row has 2097153 bytes, the limit is 1048576");
        assertThat(database.row("SELECT kafka_offset, stage, octet_length(value) FROM dead_letters"))
                .isEqualTo("2|decode|65536");
    }

    @Test
    void importFrom_storesSamplesOfAnyAgeThatRetentionKeeps() throws IOException {
        database.execute("UPDATE gpu_sample_retention SET kept_from = DATE '2026-11-21'");
        Path file = write("a.csv", HEADER + rows(0, 2) + row(2).replace("2026-11-20", "2026-11-21"));
        Imported imported = importFrom(file);
        assertThat(imported.samples()).isEqualTo(1);
        assertThat(imported.refused()).isEqualTo(2);
        assertThat(imported.reasons().get(0)).contains("retention");
    }

    @Test
    void importFrom_namesTheLinesOfRowsThatTheSinkRefuses() throws IOException {
        database.execute("UPDATE gpu_sample_retention SET kept_from = DATE '2026-11-21'");
        String kept = rows(0, 150).replace("2026-11-20", "2026-11-21");
        Path file = write("a.csv", HEADER + kept + rows(150, 153) + row(153).replace(",153\n", ",many\n"));
        SampleFiles files = SampleFiles.builder(
                        database.dataSource(), GpuSampleSink.create(database.dataSource()), placing())
                .chunkRows(100)
                .build();
        List<String> reasons = files.importFrom(file).reasons();
        String beyond = ": beyond retention: 2026-11-20 is before 2026-11-21, the first day that is kept";
        assertThat(reasons)
                .containsExactly(
                        "line 155: not a number", "line 152" + beyond, "line 153" + beyond, "line 154" + beyond);
        assertThat(database.rows("SELECT unnest(reasons) FROM dead_letters")).isEqualTo(reasons);
    }

    @Test
    void importFrom_namesTheLinesOfManyRowsThatTheTableRefusesBeforeTheGoodOnes() throws IOException {
        database.execute("ALTER TABLE gpu_sample ADD CHECK (metric_value >= 300)");
        SampleFiles files = SampleFiles.builder(
                        database.dataSource(), GpuSampleSink.create(database.dataSource()), placing())
                .build();
        Imported imported = files.importFrom(write("a.csv", HEADER + rows(0, 600)));
        assertThat(imported.samples()).isEqualTo(300);
        assertThat(imported.refused()).isEqualTo(300);
        assertThat(imported.reasons()).first().asString().matches("line 2: .*violates check constraint.*");
        assertThat(database.rows("SELECT unnest(reasons) FROM dead_letters")).hasSize(300);
        assertThat(database.count("gpu_sample")).isEqualTo(300);
    }

    /** A decoder that knows the line of each value. */
    private static Decoder<GpuSample> placing() {
        return new Decoder<>() {
            @Override
            public void decode(ByteBuffer source, Values<? super GpuSample> values) {
                SampleCsv.decode(source, values);
            }

            @Override
            public Map<Integer, String> places(byte[] source, SortedSet<Integer> indexes) {
                return indexes.stream().collect(Collectors.toMap(index -> index, index -> "line " + (index + 2)));
            }
        };
    }

    @Test
    void builder_refusesASinkThatWouldStoreTheSameTextTwice() {
        PostgresSink<GpuSample> withHook = GpuSampleSink.builder(database.dataSource())
                .inTransaction((connection, batch) -> {})
                .build();
        Decoder<GpuSample> decoder = SampleCsv::decode;
        assertThatThrownBy(() -> SampleFiles.builder(database.dataSource(), withHook, decoder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not idempotent");
    }

    @Test
    void importFrom_refusesWhatIsNoRegularFile() {
        assertThatThrownBy(() -> importFrom(directory))
                .isInstanceOf(TelemetryException.class)
                .hasMessageContaining("is not a regular file");
        assertThatThrownBy(() -> importFrom(directory.resolve("missing.csv")))
                .isInstanceOf(TelemetryException.class)
                .hasMessageEndingWith("missing.csv: no such file");
    }

    @Test
    void progress_comesAfterEachChunk() throws IOException {
        List<Long> stored = new ArrayList<>();
        Path file = write("a.csv", HEADER + rows(0, 250));
        SampleFiles files = files().progress(imported -> {
                    stored.add(imported.samples());
                    assertThat(database.count("gpu_sample")).isEqualTo(imported.samples());
                })
                .build();
        files.importFrom(file);
        assertThat(stored).containsExactly(100L, 200L, 250L);
    }
}
