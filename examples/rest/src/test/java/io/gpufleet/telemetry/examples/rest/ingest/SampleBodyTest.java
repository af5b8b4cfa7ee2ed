package io.gpufleet.telemetry.examples.rest.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bytes of a body, and their cost. */
final class SampleBodyTest {
    private static final int MEBIBYTE = 1 << 20;

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream packing = new GZIPOutputStream(packed)) {
            packing.write(bytes);
        }
        return packed.toByteArray();
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static byte[] unpack(byte[] packed) throws IOException, RefusedBodyException {
        return SampleBody.read(new ByteArrayInputStream(packed), packed.length, true);
    }

    private static void requireRefusal(byte[] packed, int status) {
        assertThatExceptionOfType(RefusedBodyException.class)
                .isThrownBy(() -> unpack(packed))
                .satisfies(refused -> assertThat(refused.status()).isEqualTo(status));
    }

    @Test
    void bodyUpToTheLimit_isReadPlainAndPacked() throws Exception {
        byte[] most = new byte[MEBIBYTE];
        Arrays.fill(most, (byte) 'a');
        assertThat(SampleBody.read(new ByteArrayInputStream(most), -1, false)).isEqualTo(most);
        assertThat(unpack(gzip(most))).isEqualTo(most);
        requireRefusal(gzip(new byte[MEBIBYTE + 1]), 413);
    }

    @Test
    void twentyMegabytesInTwentyKilobytes_takeLessThanEightMebibytes() throws IOException {
        byte[] bomb = gzip(new byte[20_000_000]);
        assertThat(bomb).hasSizeLessThan(24_000);
        requireRefusal(bomb, 413);
        ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = memory.getCurrentThreadAllocatedBytes();
        requireRefusal(bomb, 413);
        assertThat(memory.getCurrentThreadAllocatedBytes() - before).isLessThan(8L * MEBIBYTE);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void bodyWithoutEnd_isReadNoFurtherThanTheLimit(boolean isPacked) {
        Endless body = new Endless();
        assertThatExceptionOfType(RefusedBodyException.class)
                .isThrownBy(() -> SampleBody.read(body, -1, isPacked))
                .satisfies(refused -> assertThat(refused.status()).isEqualTo(413));
        assertThat(body.read).isLessThanOrEqualTo(MEBIBYTE + 16_384);
    }

    @Test
    void members_areReadOneBehindTheOther() throws Exception {
        byte[] empty = gzip(new byte[0]);
        byte[] packed = joined(gzip("[{},".getBytes(UTF_8)), empty, gzip("{}]".getBytes(UTF_8)), empty);
        assertThat(unpack(packed)).asString(UTF_8).isEqualTo("[{},{}]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\0", "x", "0123456789012345678901234567890123456789", "\u001f", "{}"})
    void otherBytesBehindAMember_areRefused(String tail) throws IOException {
        requireRefusal(joined(gzip("[]".getBytes(UTF_8)), tail.getBytes(UTF_8)), 400);
    }

    @Test
    void memberThatIsCutOffAnywhere_isRefused() throws IOException {
        byte[] first = gzip("[".getBytes(UTF_8));
        byte[] both = joined(first, gzip("]".getBytes(UTF_8)));
        for (int length = 0; length < both.length; length++) {
            if (length != first.length) {
                requireRefusal(Arrays.copyOf(both, length), 400);
            }
        }
    }

    @Test
    void manyMembersWithoutText_areRefused() throws IOException {
        byte[] empty = gzip(new byte[0]);
        byte[] packed = new byte[MEBIBYTE / empty.length * empty.length];
        for (int at = 0; at < packed.length; at += empty.length) {
            System.arraycopy(empty, 0, packed, at, empty.length);
        }
        requireRefusal(packed, 400);
    }

    /** Counts the bytes that it gives. */
    private static final class Endless extends InputStream {
        private long read;

        @Override
        public int read() {
            read++;
            return ' ';
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            Arrays.fill(target, offset, offset + length, (byte) ' ');
            read += length;
            return length;
        }
    }
}
