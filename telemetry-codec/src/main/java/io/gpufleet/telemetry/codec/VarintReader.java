package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.heartbeat.ClientId;
import io.gpufleet.telemetry.heartbeat.PackedBytes;
import io.gpufleet.telemetry.heartbeat.PackedShorts;
import java.nio.ByteBuffer;

/**
 * Reads bincode's integers of variable length, each after it has proved that its bytes exist and that it fits its
 * field; {@link Varint} shows them. Not thread-safe.
 */
final class VarintReader {
    private static final int NO_POD = -1;

    private final ByteBuffer source;
    private final int start;
    private int pod = NO_POD;

    VarintReader(ByteBuffer source) {
        this.source = source;
        this.start = source.position();
    }

    /** Says which pod the next fields belong to. */
    void enterPod(int index) {
        this.pod = index;
    }

    /** Returns the index of the next byte, from the first byte of the payload. */
    int offset() {
        return source.position() - start;
    }

    int u8(String field) {
        require(field, Byte.BYTES);
        return Byte.toUnsignedInt(source.get());
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
        int at = source.position();
        if (!source.hasRemaining() || LittleEndian.unsignedByte(source, at) != Varint.U128) {
            return new PackedShorts(0, u64(field));
        }
        require(field, 1 + 2 * Long.BYTES);
        source.position(at + 1 + 2 * Long.BYTES);
        return new PackedShorts(
                LittleEndian.getLong(source, at + 1 + Long.BYTES), LittleEndian.getLong(source, at + 1));
    }

    /** Reads 16 bytes as they are. */
    ClientId clientId(String field) {
        require(field, ClientId.BYTES);
        int at = source.position();
        source.position(at + ClientId.BYTES);
        return LittleEndian.clientId(source, at);
    }

    private long integer(String field, int largestWidth) {
        require(field, 1);
        int at = source.position();
        int first = LittleEndian.unsignedByte(source, at);
        if (first < Varint.U16) {
            source.position(at + 1);
            return first;
        }
        int width = width(field, first);
        if (width > largestWidth) {
            throw refuse(
                    field,
                    "a u" + width * Byte.SIZE + " is more than the u" + largestWidth * Byte.SIZE + " of the field");
        }
        require(field, 1 + width);
        source.position(at + 1 + width);
        return switch (width) {
            case Short.BYTES -> LittleEndian.unsignedShort(source, at + 1);
            case Integer.BYTES -> LittleEndian.unsignedInt(source, at + 1);
            default -> LittleEndian.getLong(source, at + 1);
        };
    }

    private int width(String field, int first) {
        return switch (first) {
            case Varint.U16 -> Short.BYTES;
            case Varint.U32 -> Integer.BYTES;
            case Varint.U64 -> Long.BYTES;
            case Varint.U128 -> 2 * Long.BYTES;
            default -> throw refuse(field, first + " begins no integer");
        };
    }

    private void require(String field, int bytes) {
        if (source.remaining() < bytes) {
            throw refuse(field, "needs " + bytes + " bytes, " + source.remaining() + " left");
        }
    }

    private CodecException refuse(String field, String reason) {
        String place = pod == NO_POD ? "" : "pod " + pod + " ";
        return new CodecException(place + field + ": " + reason, offset());
    }
}
