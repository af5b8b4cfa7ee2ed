package io.gpufleet.telemetry.jdbc.gpu;

import static io.gpufleet.telemetry.jdbc.gpu.SampleCsv.HEADER;
import static io.gpufleet.telemetry.jdbc.gpu.SampleCsv.packed;
import static io.gpufleet.telemetry.jdbc.gpu.SampleCsv.rows;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileTextTest {
    private static final String FIRST = HEADER + rows(0, 20);
    private static final String SECOND = rows(20, 40);
    private static final int HEADER_OF_GZIP = 10;
    private static final int TRAILER_OF_GZIP = 8;

    @TempDir
    private Path directory;

    /** The whole rows of a file, and its fault. */
    private record Read(String rows, Optional<String> fault) {
        boolean isDamaged() {
            return fault.orElse("").startsWith("gzip data is damaged near byte ");
        }
    }

    private Read read(byte[] file) throws IOException {
        StringBuilder rows = new StringBuilder();
        try (FileText text = FileText.open(Files.write(directory.resolve("a.csv.gz"), file))) {
            FileChunks chunks = new FileChunks(text.fromBeginning(), 1_000, false);
            for (Optional<FileChunk> next = chunks.next(); next.isPresent(); next = chunks.next()) {
                next.get().messages().forEach(message -> rows.append(new String(message.bytes(), UTF_8)));
            }
            assertThat(text.damage().isPresent())
                    .isEqualTo(chunks.fault().orElse("").contains("damaged"));
            return new Read(rows.toString(), chunks.fault());
        }
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static byte[] flipped(byte[] file, int bit) {
        byte[] changed = file.clone();
        changed[bit / 8] ^= (byte) (1 << bit % 8);
        return changed;
    }

    @Test
    void fromBeginning_hasNothingOfADamagedMember() throws IOException {
        byte[] first = packed(FIRST);
        byte[] file = joined(first, packed(SECOND));
        int damaged = 0;
        for (int bit = 0; bit < file.length * 8; bit++) {
            Read read = read(flipped(file, bit));
            if (read.isDamaged()) {
                damaged++;
                assertThat(read.rows).as("bit %d", bit).isEqualTo(bit < first.length * 8 ? "" : FIRST);
            }
        }
        assertThat(damaged).isGreaterThan(file.length * 6);
    }

    @Test
    void fromBeginning_hasNothingOfAMemberWhoseChecksumOrLengthIsWrong() throws IOException {
        byte[] file = packed(FIRST);
        for (int bit = (file.length - TRAILER_OF_GZIP) * 8; bit < file.length * 8; bit++) {
            Read read = read(flipped(file, bit));
            assertThat(read.rows).isEmpty();
            assertThat(read.fault.orElse("")).endsWith(" of the text is wrong); nothing of it is stored");
        }
    }

    @Test
    void fromBeginning_hasTheWholeRowsOfAMemberThatIsCutAnywhere() throws IOException {
        byte[] first = packed(FIRST);
        byte[] second = packed(SECOND);
        for (int cut = 1; cut < second.length; cut++) {
            Read read = read(joined(first, Arrays.copyOf(second, cut)));
            assertThat(read.rows).startsWith(FIRST).endsWith("\n");
            assertThat(FIRST + SECOND).startsWith(read.rows);
            assertThat(read.fault)
                    .as("cut at %d", cut)
                    .contains("unexpected end of gzip data after line "
                            + read.rows.lines().count());
        }
        Read all = read(joined(first, Arrays.copyOf(second, second.length - TRAILER_OF_GZIP)));
        assertThat(all.rows).isEqualTo(FIRST + SECOND);
        assertThat(read(Arrays.copyOf(first, HEADER_OF_GZIP)).fault)
                .contains("unexpected end of gzip data; nothing of it is stored");
    }

    @Test
    void fromBeginning_givesTheWholeTextEachTime() throws IOException {
        for (byte[] file : new byte[][] {FIRST.getBytes(UTF_8), packed(FIRST)}) {
            Path path = Files.write(directory.resolve("b.csv"), file);
            try (FileText text = FileText.open(path)) {
                assertThat(text.fromBeginning().readNBytes(100)).isEqualTo(Arrays.copyOf(FIRST.getBytes(UTF_8), 100));
                assertThat(text.fromBeginning().readAllBytes()).isEqualTo(FIRST.getBytes(UTF_8));
            }
        }
    }
}
