package io.gpufleet.telemetry.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.CodecException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class InflatedTest {
    private static final int MOST = 100_000;

    static byte[] gzip(String text) {
        try (ByteArrayOutputStream target = new ByteArrayOutputStream()) {
            try (GZIPOutputStream packing = new GZIPOutputStream(target)) {
                packing.write(text.getBytes(StandardCharsets.UTF_8));
            }
            return target.toByteArray();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String text(Inflated inflated) {
        return new String(inflated.bytes(), inflated.from(), inflated.to() - inflated.from(), StandardCharsets.UTF_8);
    }

    @Test
    void of_takesPlainBytesAsTheyAre() {
        byte[] bytes = "xxtextyy".getBytes(StandardCharsets.UTF_8);
        ByteBuffer heap = ByteBuffer.wrap(bytes, 2, 4).slice();
        ByteBuffer direct = ByteBuffer.allocateDirect(8).put(bytes).position(2).limit(6);

        assertThat(text(Inflated.of(heap, MOST))).isEqualTo("text");
        assertThat(text(Inflated.of(heap.asReadOnlyBuffer(), MOST))).isEqualTo("text");
        assertThat(text(Inflated.of(direct, MOST))).isEqualTo("text");
        assertThat(Inflated.of(heap, MOST).bytes()).isSameAs(bytes);
    }

    @Test
    void of_unpacksGzip() {
        String text = "line\n".repeat(MOST / 5);

        Inflated inflated = Inflated.of(ByteBuffer.wrap(gzip(text)), MOST);

        assertThat(text(inflated)).isEqualTo(text);
        inflated.requireWhole(1);
    }

    @Test
    void of_refusesMoreThanTheLimitWithoutUnpackingIt() {
        byte[] packed = gzip("x".repeat(MOST * 100));

        assertThatThrownBy(() -> Inflated.of(ByteBuffer.wrap(packed), MOST))
                .isInstanceOfSatisfying(
                        CodecException.class,
                        refusal -> assertThat(refusal.reason())
                                .isEqualTo("message has more than 100000 bytes unpacked, which is the limit"));
        assertThat(Allocation.of(() -> tryToUnpack(packed))).isLessThan(5 * MOST);
        assertThatThrownBy(() -> Inflated.of(ByteBuffer.allocate(MOST + 1), MOST))
                .isInstanceOfSatisfying(
                        CodecException.class,
                        refusal -> assertThat(refusal.reason())
                                .isEqualTo("message has 100001 bytes, the limit is 100000"));
    }

    private static void tryToUnpack(byte[] packed) {
        assertThatThrownBy(() -> Inflated.of(ByteBuffer.wrap(packed), MOST)).isInstanceOf(CodecException.class);
    }

    @Test
    void of_givesTheWholeLinesOfATruncationAndThenFails() {
        String text = "first\nsecond\nthird\n";
        byte[] packed = gzip(text);
        for (int length = 2; length < packed.length; length++) {
            Inflated inflated = Inflated.of(ByteBuffer.wrap(packed, 0, length), MOST);

            assertThat(text).startsWith(text(inflated));
            assertThat(text(inflated)).matches("(?s)|.*\n");
            assertThatThrownBy(() -> inflated.requireWhole(7))
                    .isInstanceOfSatisfying(
                            CodecException.class,
                            refusal ->
                                    assertThat(refusal.reason()).isEqualTo("unexpected end of gzip data after line 7"));
        }
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    @Test
    void of_unpacksAllMembers() {
        Inflated inflated = Inflated.of(ByteBuffer.wrap(joined(gzip("a\n"), gzip(""), gzip("b\nc\n"))), MOST);

        assertThat(text(inflated)).isEqualTo("a\nb\nc\n");
        inflated.requireWhole(3);
    }

    @Test
    void of_failsForASecondMemberThatIsCutAnywhere() {
        byte[] first = gzip("first\n");
        byte[] second = gzip("second\n");
        for (int length = 1; length < second.length; length++) {
            byte[] cut = joined(first, Arrays.copyOf(second, length));
            Inflated inflated = Inflated.of(ByteBuffer.wrap(cut), MOST);

            assertThat("first\nsecond\n").startsWith(text(inflated));
            assertThat(text(inflated)).startsWith("first\n");
            assertThat(inflated.isCut()).as("cut at %d", length).isTrue();
        }
    }

    @Test
    void of_failsForOtherBytesBehindAMember() {
        for (byte[] other : new byte[][] {new byte[1], new byte[600], {'x'}, {0x1f, 0}}) {
            Inflated inflated = Inflated.of(ByteBuffer.wrap(joined(gzip("first\n"), other, gzip("second\n"))), MOST);

            assertThat(text(inflated)).isEqualTo("first\n");
            assertThatThrownBy(() -> inflated.requireWhole(1)).hasMessageContaining("damaged gzip data after line 1");
        }
    }

    @Test
    void of_failsForDamagedGzip() {
        byte[] packed = gzip("first\nsecond\nthird\n");
        for (int i = 2; i < packed.length; i++) {
            byte[] damaged = packed.clone();
            damaged[i] ^= 0x55;
            Inflated inflated = Inflated.of(ByteBuffer.wrap(damaged), MOST);
            assertThat(inflated.to()).isLessThanOrEqualTo(MOST);
        }
        byte[] checksum = Arrays.copyOf(packed, packed.length);
        checksum[packed.length - 6] ^= 1;
        assertThatThrownBy(() -> Inflated.of(ByteBuffer.wrap(checksum), MOST).requireWhole(3))
                .hasMessageContaining("damaged gzip data after line 3");
    }
}
