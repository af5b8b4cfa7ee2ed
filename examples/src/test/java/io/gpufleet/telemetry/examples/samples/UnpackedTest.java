package io.gpufleet.telemetry.examples.samples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** The text of all members of a gzip file. */
final class UnpackedTest {
    private static byte[] packed(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream packing = new GZIPOutputStream(bytes)) {
            packing.write(text.getBytes(UTF_8));
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

    private static String text(Unpacked unpacked) {
        return new String(unpacked.bytes(), UTF_8);
    }

    @Test
    void of_readsAllMembers() throws IOException {
        Unpacked unpacked = Unpacked.of(joined(packed("a\n"), packed("b\nc")));
        assertThat(text(unpacked)).isEqualTo("a\nb\nc");
        assertThat(unpacked.isCut()).isFalse();
    }

    @Test
    void of_givesTheWholeLinesOfASecondMemberCutAnywhere() throws IOException {
        String rest = "a row\n".repeat(20);
        byte[] first = packed("first\n");
        byte[] second = packed(rest);
        for (int cut = 1; cut < second.length; cut++) {
            Unpacked unpacked = Unpacked.of(joined(first, Arrays.copyOf(second, cut)));
            assertThat(unpacked.isCut()).as("cut at %d", cut).isTrue();
            assertThat(text(unpacked)).startsWith("first\n").endsWith("\n");
            assertThat("first\n" + rest).startsWith(text(unpacked));
        }
        byte[] withoutTrailer = joined(first, Arrays.copyOf(second, second.length - 1));
        assertThat(text(Unpacked.of(withoutTrailer))).isEqualTo("first\n" + rest);
    }

    @Test
    void of_isCutByOtherBytesBehindAMember() throws IOException {
        for (byte[] other : new byte[][] {new byte[1], new byte[600], {'x'}, {0x1f, 0}}) {
            Unpacked unpacked = Unpacked.of(joined(packed("a\n"), other, packed("b\n")));
            assertThat(text(unpacked)).isEqualTo("a\n");
            assertThat(unpacked.isCut()).isTrue();
        }
    }
}
