package io.gpufleet.telemetry.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;
import org.junit.jupiter.api.Test;

class GzipMembersTest {
    private static byte[] packed(byte[] text) {
        try (ByteArrayOutputStream target = new ByteArrayOutputStream()) {
            try (GZIPOutputStream packing = new GZIPOutputStream(target)) {
                packing.write(text);
            }
            return target.toByteArray();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] packed(String text) {
        return packed(text.getBytes(UTF_8));
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static byte[] read(InputStream members) throws IOException {
        try (members) {
            return members.readAllBytes();
        }
    }

    private static String read(byte[] file) throws IOException {
        return new String(read(new GzipMembers(file, 0, file.length)), UTF_8);
    }

    @Test
    void read_givesTheTextOfAllMembers() throws IOException {
        assertThat(read(joined(packed("a"), packed(""), packed("b")))).isEqualTo("ab");
        assertThat(read(joined(packed("")))).isEmpty();
        byte[] within = joined(new byte[3], packed("a"), new byte[2]);
        assertThat(read(new GzipMembers(within, 3, within.length - 5))).containsExactly('a');
    }

    @Test
    void read_givesLongTextsAndSingleBytes() throws IOException {
        byte[] text = new byte[300_000];
        new Random(1).nextBytes(text);
        byte[] file = joined(packed(text), packed(text));
        assertThat(read(new GzipMembers(new ByteArrayInputStream(file)))).isEqualTo(joined(text, text));
        try (InputStream members = new GzipMembers(file, 0, file.length)) {
            for (byte expected : text) {
                assertThat((byte) members.read()).isEqualTo(expected);
            }
        }
    }

    @Test
    void read_failsForAMemberThatIsCutAnywhere() {
        byte[] member = packed("some text");
        for (int length = 1; length < member.length; length++) {
            byte[] cut = Arrays.copyOf(member, length);
            assertThatThrownBy(() -> read(cut)).as("cut at %d", length).isInstanceOf(EOFException.class);
            assertThatThrownBy(() -> read(joined(member, cut)))
                    .as("cut at %d", length)
                    .isInstanceOf(EOFException.class)
                    .hasMessage("unexpected end of gzip data");
        }
    }

    @Test
    void read_failsForOtherBytesBehindAMember() {
        byte[] member = packed("some text");
        for (byte[] other : new byte[][] {new byte[1], new byte[600], {'x'}, {0x1f, 0}}) {
            assertThatThrownBy(() -> read(joined(member, other)))
                    .isInstanceOf(ZipException.class)
                    .hasMessageContaining("no gzip member begins here");
        }
    }

    @Test
    void read_failsForAnyChangedByteThatMatters() {
        byte[] member = packed("some text, some text, some text");
        for (int i = 0; i < member.length; i++) {
            // The time, the extra flags and the operating system may be any.
            if (i < 4 || i > 9) {
                byte[] changed = member.clone();
                changed[i] ^= (byte) (i < 4 ? 0x60 : 1);
                assertThatThrownBy(() -> read(changed)).as("byte %d", i).isInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void provedText_isThatOfTheWholeMembersOnly() throws IOException {
        byte[] wrong = packed("12345");
        wrong[wrong.length - 6] ^= 1;
        byte[] file = joined(packed("123"), packed("4567"), wrong, packed("8"));
        try (GzipMembers members = new GzipMembers(file, 0, file.length)) {
            assertThatThrownBy(members::readAllBytes).hasMessageContaining("checksum of the text is wrong");
            assertThat(members.provedText()).isEqualTo(7);
        }
    }

    @Test
    void read_skipsTheOptionalPartsOfAHeader() throws IOException {
        byte[] plain = packed("text");
        byte[] fields = joined(new byte[] {3, 0, 1, 2, 3}, "name\0".getBytes(UTF_8), "comment\0".getBytes(UTF_8));
        byte[] begin = Arrays.copyOf(plain, 10);
        begin[3] = 4 + 8 + 16 + 2;
        CRC32 checksum = new CRC32();
        checksum.update(begin);
        checksum.update(fields);
        byte[] sum = {(byte) checksum.getValue(), (byte) (checksum.getValue() >> 8)};
        byte[] rest = Arrays.copyOfRange(plain, 10, plain.length);
        assertThat(read(joined(begin, fields, sum, rest))).isEqualTo("text");
        sum[1]++;
        assertThatThrownBy(() -> read(joined(begin, fields, sum, rest)))
                .hasMessageContaining("checksum of the header is wrong");
    }

    @Test
    void isPacked_looksAtTheFirstTwoBytes() {
        byte[] member = joined(new byte[1], packed(""));
        assertThat(GzipMembers.isPacked(member, 1, 3)).isTrue();
        assertThat(GzipMembers.isPacked(member, 1, 2)).isFalse();
        assertThat(GzipMembers.isPacked(member, 0, 3)).isFalse();
        assertThat(GzipMembers.isPacked(new byte[] {0x1f, (byte) 0x8c}, 0, 2)).isFalse();
    }
}
