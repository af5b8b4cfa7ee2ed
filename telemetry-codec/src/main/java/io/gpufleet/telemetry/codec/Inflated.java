package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.internal.GzipMembers;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The text of a message, unpacked if it is gzip, which is known by its first two bytes. Its array may be the caller's:
 * it is only read. Immutable.
 *
 * <p>A text that is cut off ends with its last whole line; {@link #requireWhole} says so when that has been read.
 */
final class Inflated {
    private static final int FIRST_CHUNK = 8192;
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

    private final byte[] bytes;
    private final int from;
    private final int to;
    private final @Nullable String fault;
    private final int packed;

    private Inflated(byte[] bytes, int from, int to, @Nullable String fault, int packed) {
        this.bytes = bytes;
        this.from = from + (isMarked(bytes, from, to) ? BYTE_ORDER_MARK.length : 0);
        this.to = to;
        this.fault = fault;
        this.packed = packed;
    }

    /**
     * Takes the bytes between a buffer's position and its limit.
     *
     * @param most the most bytes, unpacked
     * @throws CodecException if there are more, or they are no gzip though they begin like it
     */
    static Inflated of(ByteBuffer source, int most) {
        int length = source.remaining();
        if (length > most) {
            throw new CodecException("message has " + length + " bytes, the limit is " + most, 0);
        }
        byte[] bytes;
        int from = 0;
        if (source.hasArray()) {
            bytes = source.array();
            from = source.arrayOffset() + source.position();
        } else {
            bytes = new byte[length];
            source.duplicate().get(bytes);
        }
        return GzipMembers.isPacked(bytes, from, from + length)
                ? unpack(bytes, from, length, most)
                : new Inflated(bytes, from, from + length, null, length);
    }

    private static boolean isMarked(byte[] bytes, int from, int to) {
        int end = from + BYTE_ORDER_MARK.length;
        return end <= to && Arrays.equals(bytes, from, end, BYTE_ORDER_MARK, 0, BYTE_ORDER_MARK.length);
    }

    private static Inflated unpack(byte[] packed, int from, int length, int most) {
        byte[] bytes = new byte[Math.min(most, Math.max(FIRST_CHUNK, length))];
        int count = 0;
        String fault = null;
        try (InputStream unpacking = new GzipMembers(packed, from, length)) {
            for (int read = 0; read >= 0; count += Math.max(0, read)) {
                if (count == bytes.length) {
                    if (count == most) {
                        break;
                    }
                    bytes = Arrays.copyOf(bytes, (int) Math.min(most, 2L * count));
                }
                read = unpacking.read(bytes, count, bytes.length - count);
            }
            if (count == most && unpacking.read() >= 0) {
                throw new CodecException(
                        "message has more than " + most + " bytes unpacked, which is the limit", length);
            }
        } catch (EOFException e) {
            fault = "unexpected end of gzip data";
        } catch (IOException e) {
            fault = "damaged gzip data";
        }
        return new Inflated(bytes, 0, fault == null ? count : wholeLines(bytes, count), fault, length);
    }

    private static int wholeLines(byte[] bytes, int count) {
        int end = count;
        while (end > 0 && bytes[end - 1] != '\n') {
            end--;
        }
        return end;
    }

    byte[] bytes() {
        return bytes;
    }

    /** Returns the index of the text's first byte, behind a byte order mark. */
    int from() {
        return from;
    }

    /** Returns the index behind the text's last byte. */
    int to() {
        return to;
    }

    /** Returns the number of bytes of the message as it came. */
    int length() {
        return packed;
    }

    /** Returns whether the end of the text is missing. */
    boolean isCut() {
        return fault != null;
    }

    /**
     * Fails if the text was cut off or damaged.
     *
     * @param line the number of the last line that was read
     */
    void requireWhole(int line) {
        if (fault != null) {
            throw new CodecException(fault + " after line " + line, packed);
        }
    }
}
