package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.heartbeat.ClientId;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Little-endian integers at an index of a buffer, whatever the buffer's own byte order is. */
final class LittleEndian {
    private static final VarHandle SHORTS =
            MethodHandles.byteBufferViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private LittleEndian() {}

    static int unsignedByte(ByteBuffer buffer, int index) {
        return Byte.toUnsignedInt(buffer.get(index));
    }

    static int unsignedShort(ByteBuffer buffer, int index) {
        return Short.toUnsignedInt((short) SHORTS.get(buffer, index));
    }

    static int getInt(ByteBuffer buffer, int index) {
        return (int) INTS.get(buffer, index);
    }

    static long unsignedInt(ByteBuffer buffer, int index) {
        return Integer.toUnsignedLong(getInt(buffer, index));
    }

    static long getLong(ByteBuffer buffer, int index) {
        return (long) LONGS.get(buffer, index);
    }

    /** Reads the 16 bytes of an id, which have no byte order: the first one is the highest. */
    static ClientId clientId(ByteBuffer buffer, int index) {
        return new ClientId(
                Long.reverseBytes(getLong(buffer, index)), Long.reverseBytes(getLong(buffer, index + Long.BYTES)));
    }

    static void putByte(ByteBuffer buffer, int index, int value) {
        buffer.put(index, (byte) value);
    }

    static void putShort(ByteBuffer buffer, int index, int value) {
        SHORTS.set(buffer, index, (short) value);
    }

    static void putInt(ByteBuffer buffer, int index, long value) {
        INTS.set(buffer, index, (int) value);
    }

    static void putLong(ByteBuffer buffer, int index, long value) {
        LONGS.set(buffer, index, value);
    }

    static void putClientId(ByteBuffer buffer, int index, ClientId id) {
        putLong(buffer, index, Long.reverseBytes(id.high()));
        putLong(buffer, index + Long.BYTES, Long.reverseBytes(id.low()));
    }
}
