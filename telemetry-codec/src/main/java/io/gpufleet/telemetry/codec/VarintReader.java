package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.heartbeat.ClientId;
import io.gpufleet.telemetry.heartbeat.PackedBytes;
import io.gpufleet.telemetry.heartbeat.PackedShorts;

/**
 * The reader of bincode's integers of variable length, shown by {@link Varint}. Before each integer it proves that the
 * bytes exist and that the value fits its field. Not thread-safe.
 */
final class VarintReader {
    private static final int NO_POD = -1;

    private final byte[] source;
    private final int start;
    private final int end;
    private int at;
    private int pod = NO_POD;

    /** Reads the bytes between two indexes of an array. */
    VarintReader(byte[] source, int start, int end) {
        this.source = source;
        this.start = start;
        this.end = end;
        this.at = start;
    }

    /** Sets the pod of the next fields. */
    void enterPod(int index) {
        this.pod = index;
    }

    /** Returns the index of the next byte, from the first byte of the payload. */
    int offset() {
        return at - start;
    }

    /** Returns the number of bytes that have not been read yet. */
    int left() {
        return end - at;
    }

    int u8(String field) {
        return LittleEndian.unsignedByte(source, take(field, Byte.BYTES));
    }

    int u16(String field) {
        return (int) integer(field, Short.BYTES);
    }

    long u32(String field) {
        return integer(field, Integer.BYTES);
    }

    long u64(String field) {
        return integer(field, Long.BYTES);
    }

    PackedBytes u64AsBytes(String field) {
        return new PackedBytes(u64(field));
    }

    PackedShorts u128AsShorts(String field) {
        if (left() == 0 || LittleEndian.unsignedByte(source, at) != Varint.U128) {
            return new PackedShorts(0, u64(field));
        }
        int low = take(field, 1 + 2 * Long.BYTES) + 1;
        return new PackedShorts(LittleEndian.getLong(source, low + Long.BYTES), LittleEndian.getLong(source, low));
    }

    /** Reads the 16 bytes of an id. */
    ClientId clientId(String field) {
        return LittleEndian.clientId(source, take(field, ClientId.BYTES));
    }

    private long integer(String field, int largestWidth) {
        require(field, 1);
        int first = LittleEndian.unsignedByte(source, at);
        if (first < Varint.U16) {
            at++;
            return first;
        }
        int width = width(field, first);
        if (width > largestWidth) {
            throw refuse(
                    field,
                    "a u" + width * Byte.SIZE + " is more than the u" + largestWidth * Byte.SIZE + " of the field");
        }
        int value = take(field, 1 + width) + 1;
        return switch (width) {
            case Short.BYTES -> LittleEndian.unsignedShort(source, value);
            case Integer.BYTES -> LittleEndian.unsignedInt(source, value);
            default -> LittleEndian.getLong(source, value);
        };
    }

    private int width(String field, int first) {
        return switch (first) {
            case Varint.U16 -> Short.BYTES;
            case Varint.U32 -> Integer.BYTES;
            case Varint.U64 -> Long.BYTES;
            case Varint.U128 -> 2 * Long.BYTES;
            default -> throw refuse(field, first + " does not begin an integer");
        };
    }

    /** Skips a number of bytes, and returns the index of the first of them. */
    private int take(String field, int bytes) {
        require(field, bytes);
        int first = at;
        at += bytes;
        return first;
    }

    private void require(String field, int bytes) {
        if (left() < bytes) {
            throw refuse(field, "needs " + bytes + " bytes, " + left() + " left");
        }
    }

    private CodecException refuse(String field, String reason) {
        String place = pod == NO_POD ? "" : "pod " + pod + " ";
        return new CodecException(place + field + ": " + reason, offset());
    }
}
