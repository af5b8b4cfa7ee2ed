package io.gpufleet.telemetry.codec;

import com.esotericsoftware.kryo.kryo5.io.ByteBufferInput;
import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.heartbeat.ClientId;
import io.gpufleet.telemetry.heartbeat.PackedBytes;
import io.gpufleet.telemetry.heartbeat.PackedShorts;
import java.nio.ByteBuffer;

/**
 * Kryo's view of a payload. Where Kryo would compact the caller's buffer to make room, which moves its limit and fails
 * for a read-only buffer, this input refuses: no more bytes can arrive. Not thread-safe.
 */
final class PayloadInput extends ByteBufferInput {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final int NO_POD = -1;
    private static final long LARGEST_U16 = 0xffff;

    private int start;
    private int pod;
    private String field = "";
    private int fieldOffset;

    /** Begins a payload: the bytes between the buffer's position and its limit. */
    void open(ByteBuffer source) {
        setBuffer(source);
        start = source.position();
        pod = NO_POD;
    }

    /** Releases the payload, so that an idle input does not hold it. */
    void release() {
        setBuffer(NOTHING);
    }

    /** Sets the pod of the next fields. */
    void enterPod(int index) {
        pod = index;
    }

    /** Returns the number of bytes left. */
    int left() {
        return limit - position;
    }

    /** Returns the index of the next byte, from the first byte of the payload. */
    int offset() {
        return position - start;
    }

    int u8(String name) {
        begin(name);
        return readByteUnsigned();
    }

    int u16(String name) {
        long value = u32(name);
        if (value > LARGEST_U16) {
            throw refuse(value + " is more than " + LARGEST_U16);
        }
        return (int) value;
    }

    long u32(String name) {
        begin(name);
        return Integer.toUnsignedLong(readVarInt(true));
    }

    long u64(String name) {
        begin(name);
        return readVarLong(true);
    }

    PackedBytes bytes(String name) {
        return new PackedBytes(u64(name));
    }

    PackedShorts shorts(String name) {
        long low = u64(name);
        return new PackedShorts(u64(name), low);
    }

    ClientId clientId(String name) {
        begin(name);
        require(ClientId.BYTES);
        return new ClientId(Long.reverseBytes(readLong()), Long.reverseBytes(readLong()));
    }

    private void begin(String name) {
        field = name;
        fieldOffset = offset();
    }

    /** Refuses the field that is being read. */
    CodecException refuse(String reason) {
        String place = pod == NO_POD ? "" : "pod " + pod + " ";
        return new CodecException(place + field + ": " + reason, fieldOffset);
    }

    @Override
    protected int require(int required) {
        if (left() < required) {
            throw refuse("needs " + (offset() - fieldOffset + required) + " bytes or more, "
                    + (limit - start - fieldOffset) + " left");
        }
        return left();
    }
}
