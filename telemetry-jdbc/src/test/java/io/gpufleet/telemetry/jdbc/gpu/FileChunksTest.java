package io.gpufleet.telemetry.jdbc.gpu;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.internal.GzipMembers;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** The cases of files, on the level of their text. */
final class FileChunksTest {
    private static final String HEADER = "timestamp,metric_name,uuid,Hostname,value\n";
    private static final String OTHER_HEADER = "value,uuid,Hostname,metric_name,timestamp\n";

    private static String row(int number) {
        return "2026-03-01T12:00:10Z,DCGM_FI_DEV_POWER_USAGE,GPU-" + number + ",n1,71." + number + "\n";
    }

    private static String rows(int from, int to) {
        return IntStream.range(from, to).mapToObj(FileChunksTest::row).collect(Collectors.joining());
    }

    private static byte[] packed(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream packing = new GZIPOutputStream(bytes)) {
            packing.write(text.getBytes(UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /** The rows and faults of a file. */
    private record Read(List<String> messages, List<FilePosition> positions, Optional<String> fault) {
        FilePosition end() {
            return positions.get(positions.size() - 1);
        }

        String rows() {
            return String.join("", messages).replace(HEADER, "");
        }
    }

    private static Read read(InputStream text, int mostRows, boolean takesOpen) throws IOException {
        FileChunks chunks = new FileChunks(text, mostRows, takesOpen);
        List<String> messages = new ArrayList<>();
        List<FilePosition> positions = new ArrayList<>(List.of(chunks.position()));
        for (Optional<FileChunk> next = chunks.next(); next.isPresent(); next = chunks.next()) {
            next.get().messages().forEach(message -> messages.add(new String(message.bytes(), UTF_8)));
            positions.add(next.get().to());
        }
        return new Read(messages, positions, chunks.fault());
    }

    private static Read read(String text, int mostRows) throws IOException {
        return read(new ByteArrayInputStream(text.getBytes(UTF_8)), mostRows, false);
    }

    private static Read readPacked(byte[] file) throws IOException {
        return read(new GzipMembers(new ByteArrayInputStream(file)), 100, false);
    }

    @Test
    void next_givesEachChunkTheHeaderInForce() throws IOException {
        Read read = read(HEADER + rows(0, 3) + OTHER_HEADER + rows(3, 5), 2);
        assertThat(read.messages).containsExactly(HEADER + rows(0, 2), HEADER + rows(2, 3), OTHER_HEADER + rows(3, 5));
        assertThat(read.positions.stream().map(FilePosition::records)).containsExactly(0L, 3L, 5L, 7L);
        assertThat(read.end().rows()).isEqualTo(5);
        assertThat(read.end().header()).isEqualTo(OTHER_HEADER);
        assertThat(read.fault).isEmpty();
    }

    @Test
    void skip_knowsTheHeaderOfAnyRow() throws IOException {
        String text = HEADER + rows(0, 299) + OTHER_HEADER + rows(299, 998);
        for (int line : List.of(200, 500)) {
            FileChunks chunks = new FileChunks(new ByteArrayInputStream(text.getBytes(UTF_8)), 1_000, false);
            for (int i = 0; i < line; i++) {
                assertThat(chunks.skip()).isTrue();
            }
            String message =
                    new String(chunks.next().orElseThrow().messages().get(0).bytes(), UTF_8);
            assertThat(message).isEqualTo(line == 200 ? HEADER + rows(199, 299) : OTHER_HEADER + rows(498, 998));
        }
    }

    @Test
    void position_tellsTextsApartByTheirLastByte() throws IOException {
        String head = HEADER + rows(0, 3_000);
        FilePosition first = read(head + row(1), 10_000).end();
        FilePosition second = read(head + row(2), 10_000).end();
        assertThat(first.bytes()).isEqualTo(second.bytes());
        assertThat(first.isSameText(second)).isFalse();
        assertThat(first.isSameText(readPacked(packed(head + row(1))).end())).isTrue();
    }

    @Test
    void next_readsAllMembers() throws IOException {
        byte[] file = joined(packed(HEADER + rows(0, 500)), packed(HEADER + rows(500, 1_000)));
        Read read = readPacked(file);
        assertThat(read.rows()).isEqualTo(rows(0, 1_000));
        assertThat(read.fault).isEmpty();
    }

    @Test
    void next_readsAllMembersOfASourceThatGivesSingleBytesAndPromisesNone() throws IOException {
        byte[] file = joined(packed(HEADER + rows(0, 5)), packed(HEADER + rows(5, 10)));
        InputStream source = new ByteArrayInputStream(file) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(1, length));
            }

            @Override
            public synchronized int available() {
                return 0;
            }
        };
        assertThat(read(new GzipMembers(source), 100, false).rows()).isEqualTo(rows(0, 10));
    }

    @Test
    void next_givesTheWholeRowsOfASecondMemberCutAnywhere() throws IOException {
        byte[] first = packed(HEADER + rows(0, 20));
        byte[] second = packed(HEADER + rows(20, 40));
        for (int cut = 1; cut < second.length; cut++) {
            Read read = readPacked(joined(first, Arrays.copyOf(second, cut)));
            assertThat(read.rows()).as("cut at %d", cut).startsWith(rows(0, 20));
            assertThat(rows(0, 40)).startsWith(read.rows());
            assertThat(read.rows()).endsWith("\n");
            assertThat(read.fault)
                    .as("cut at %d", cut)
                    .contains("unexpected end of gzip data after line "
                            + read.end().lines());
        }
    }

    @Test
    void next_refusesOtherBytesBehindAMember() throws IOException {
        byte[] first = packed(HEADER + rows(0, 20));
        for (byte[] other : List.of(new byte[1], new byte[600], new byte[] {'x'}, new byte[] {0x1f, 0})) {
            Read read = readPacked(joined(first, other, packed(HEADER)));
            assertThat(read.rows()).isEqualTo(rows(0, 20));
            assertThat(read.fault.orElse(""))
                    .startsWith("gzip data is damaged near byte")
                    .endsWith("after line 21");
        }
    }

    @Test
    void next_noticesAnyChangedByteOfAMember() throws IOException {
        byte[] good = packed(HEADER + rows(0, 20));
        for (int i = 10; i < good.length; i++) {
            byte[] changed = good.clone();
            changed[i] ^= 0x10;
            assertThat(readPacked(changed).fault).as("byte %d", i).isPresent();
        }
    }

    @Test
    void next_readsTheOptionalPartsOfAMembersHeader() throws IOException {
        byte[] plain = packed(HEADER + rows(0, 2));
        byte[] fields = joined(new byte[] {3, 0, 1, 2, 3}, "name\0".getBytes(UTF_8), "comment\0".getBytes(UTF_8));
        byte[] begin = Arrays.copyOf(plain, 10);
        begin[3] = 4 + 8 + 16 + 2;
        CRC32 checksum = new CRC32();
        checksum.update(begin);
        checksum.update(fields);
        byte[] sum = {(byte) checksum.getValue(), (byte) (checksum.getValue() >> 8)};
        byte[] rest = Arrays.copyOfRange(plain, 10, plain.length);
        Read read = readPacked(joined(begin, fields, sum, rest));
        assertThat(read.rows()).isEqualTo(rows(0, 2));
        assertThat(read.fault).isEmpty();
        sum[0]++;
        assertThat(readPacked(joined(begin, fields, sum, rest)).fault).isPresent();
    }

    @Test
    void next_countsRowsAndNotTheirLines() throws IOException {
        String quoted = "2026-03-01T12:00:10Z,M,GPU-1,\"two\r\n\"\"lines\"\"\",71\r\n";
        Read read = read(HEADER + quoted + row(2), 1);
        assertThat(read.messages).containsExactly(HEADER + quoted, HEADER + row(2));
        assertThat(read.end().records()).isEqualTo(3);
        assertThat(read.end().lines()).isEqualTo(4);
    }

    @Test
    void next_doesNotTakeALastLineWithoutItsEnd() throws IOException {
        String text = HEADER + rows(0, 999) + "2026-03-01T12:00:10Z,DCGM_FI_DEV_POWER_USAGE,GPU-0e,n1,71.4";
        Read read = read(text, 10_000);
        assertThat(read.rows()).isEqualTo(rows(0, 999));
        assertThat(read.fault).contains("line 1001 has no line end, not stored; --complete takes it");
        Read complete = read(new ByteArrayInputStream(text.getBytes(UTF_8)), 10_000, true);
        assertThat(complete.rows()).endsWith(",71.4\n");
        assertThat(complete.fault).isEmpty();
        assertThat(read(text + "83\n", 10_000).rows()).endsWith(",71.483\n");
    }

    @Test
    void next_refusesARowWhoseQuoteStaysOpen() throws IOException {
        Read read = read(HEADER + row(1) + "2026,\"M\n\",\"G\n" + rows(2, 9), 10);
        assertThat(read.rows()).isEqualTo(row(1));
        assertThat(read.fault).contains("quote opened in line 4 is never closed, not stored");
    }

    @Test
    void next_setsOnlyTheLineOfAnOpenQuoteAsideInACompleteText() throws IOException {
        String text = HEADER + row(1) + "2026,\"M\n\",\"G\n" + rows(2, 9).strip();
        FileChunks chunks = new FileChunks(new ByteArrayInputStream(text.getBytes(UTF_8)), 100, true);
        FileChunk first = chunks.next().orElseThrow();
        assertThat(first.messages().get(1).fault()).startsWith("quote opened in line 2 is not closed");
        assertThat(first.messages().get(1).linesBefore()).isEqualTo(2);
        FileChunk second = chunks.next().orElseThrow();
        assertThat(new String(second.messages().get(0).bytes(), UTF_8)).isEqualTo(HEADER + rows(2, 9));
        assertThat(second.messages().get(0).linesBefore()).isEqualTo(3);
        assertThat(chunks.next()).isEmpty();
        assertThat(chunks.position().rows()).isEqualTo(9);
        assertThat(chunks.position().lines()).isEqualTo(11);
        assertThat(chunks.position().bytes()).isEqualTo(text.length());
    }

    @Test
    void next_setsOnlyTheLineOfAQuoteAsideThatIsNotClosedWithinTheLongestRow() throws IOException {
        String block = rows(0, 10_000);
        String text = HEADER + row(1) + "2026,\"M\n" + block + block + block + "2026,M,\"G\",n,1\n";
        for (int mostRows : List.of(100, 20_000)) {
            Read read = read(text, mostRows);
            assertThat(read.fault).isEmpty();
            assertThat(read.rows()).isEqualTo(text.substring(HEADER.length()));
            assertThat(read.end().rows()).isEqualTo(30_003);
            assertThat(read.end().bytes()).isEqualTo(text.length());
            assertThat(read.end().checksum()).isEqualTo(read(text, 7).end().checksum());
        }
    }

    @Test
    void next_keepsTheTextsOfLineProtocolWhole() throws IOException {
        String first = "gpu,UUID=A note=\"a,\",temp=1\n";
        String broken = "gpu,UUID=A note=\"one \\\"line\\\"\r\nand another\",temp=41i 1\n";
        String stray = "gpu,UUID=A note=\"stray 1\n";
        for (String begin : List.of(first, broken, "# DDL\n")) {
            Read read = read(begin + first + broken + stray + first + broken + first, 1);
            assertThat(read.messages).containsExactly(begin, first, broken, stray, first, broken, first);
            assertThat(read.fault).isEmpty();
        }
        Read open = read(first + stray + "gpu,UUID=A temp=2 2\n", 10);
        assertThat(open.messages).containsExactly(first);
        assertThat(open.fault).contains("quote opened in line 2 is never closed, not stored");
    }

    @Test
    void next_countsNoLineForAReturnInQuotesOfRowsWithLineFeeds() throws IOException {
        String quoted = "2026-03-01T12:00:10Z,M,GPU-1,\"a\rb\",71\r\n";
        Read read = read((HEADER + quoted + row(2)).replace("value\n", "value\r\n"), 1);
        assertThat(read.end().records()).isEqualTo(3);
        assertThat(read.end().lines()).isEqualTo(3);
        String cut = HEADER.replace("\n", "\r\n") + quoted + "2026-03-01T12:00:10Z,M,GPU-1,n,7\r";
        assertThat(read(cut, 10).fault).contains("line 3 has no line end, not stored; --complete takes it");
    }

    @Test
    void next_keepsTheBeginningOfARowThatIsTooLong() throws IOException {
        String tooLong = "x".repeat(3 * TextRecords.MOST_BYTES) + "\n";
        String text = HEADER + row(1) + tooLong + row(2);
        FileChunks chunks = new FileChunks(new ByteArrayInputStream(text.getBytes(UTF_8)), 10, false);
        FileChunk first = chunks.next().orElseThrow();
        assertThat(first.messages()).hasSize(2);
        assertThat(first.messages().get(1).fault()).startsWith("row has " + tooLong.length() + " bytes");
        assertThat(first.messages().get(1).bytes()).hasSize(TextRecords.MOST_BYTES);
        FileChunk second = chunks.next().orElseThrow();
        assertThat(new String(second.messages().get(0).bytes(), UTF_8)).isEqualTo(HEADER + row(2));
        assertThat(second.messages().get(0).linesBefore()).isEqualTo(2);
    }

    @Test
    void position_isThatOfTheWholeRowsBeforeOneThatIsTooLongAndOpen() throws IOException {
        String text = HEADER + row(1);
        FilePosition whole = read(text, 10).end();
        assertThat(read(text + "x".repeat(3 * TextRecords.MOST_BYTES), 10).end())
                .isEqualTo(whole);
    }

    @Test
    void next_readsJsonLineByLine() throws IOException {
        String lines = "{\"a\":[\"x\",\"y\\\"\"]}\n\n[\"2026\",\"b, \\\"c\\\"\"]\n{\"d\":1}\n";
        Read read = read(lines, 2);
        assertThat(String.join("", read.messages)).isEqualTo(lines.replace("\n\n", "\n"));
        assertThat(read.messages).hasSize(3);
        assertThat(read.positions.stream().map(FilePosition::records)).containsExactly(0L, 3L, 4L);
    }

    @Test
    void next_dividesExpositionTextAtItsEndsOnly() throws IOException {
        String text = "# TYPE a gauge\na{b=\"x,\"} 1\n\na{b=\"y\"} 2\n# EOF\n";
        assertThat(read(text + text, 1).messages).containsExactly(text, text);
        assertThat(read("a{b=\"x,\"} 1\na{b=\"y\"} 2\n", 1).messages).hasSize(1);
    }

    @Test
    void next_readsTheRowsOfNvidiaSmiBehindTheirHeaders() throws IOException {
        String header = "timestamp, uuid, temperature.gpu, memory.used [MiB]\n";
        String row = "2026/03/01 12:00:00.000, GPU-1, 40, 17 MiB\n";
        assertThat(read(header + row + header + row + row, 10).messages)
                .containsExactly(header + row, header + row + row);
    }

    @Test
    void next_readsSpreadsheetsOfOldLineEnds() throws IOException {
        String header = "\ufeffTimestamp;metric_name;UUID;value\r";
        Read read = read(header + "1;M;\"G;\r1\";7,5\r" + "2;M;G;8\r", 1);
        assertThat(read.messages).containsExactly(header + "1;M;\"G;\r1\";7,5\r", header + "2;M;G;8\r");
        assertThat(read.fault).isEmpty();
    }

    @Test
    void next_waitsForTheLineFeedBehindACarriageReturn() throws IOException {
        String text = HEADER.replace("\n", "\r\n") + row(1).replace("\n", "\r");
        Read read = read(text, 10);
        assertThat(read.end().records()).isEqualTo(1);
        assertThat(read.fault).contains("line 2 has no line end, not stored; --complete takes it");
        assertThat(read(text + "\n", 10).end().records()).isEqualTo(2);
    }

    @Test
    void next_needsLittleMemoryForALongText() throws IOException {
        byte[] header = HEADER.getBytes(UTF_8);
        byte[] block = rows(0, 10_000).getBytes(UTF_8);
        InputStream text = new ByteArrayInputStream(header);
        for (int i = 0; i < 100; i++) {
            text = new SequenceInputStream(text, new ByteArrayInputStream(block));
        }
        FileChunks chunks = new FileChunks(text, 10_000, false);
        for (int i = 0; i < 100; i++) {
            FileChunk chunk = chunks.next().orElseThrow();
            assertThat(chunk.messages().get(0).bytes()).hasSize(header.length + block.length);
        }
        assertThat(chunks.next()).isEmpty();
        assertThat(chunks.position().rows()).isEqualTo(1_000_000);
    }
}
