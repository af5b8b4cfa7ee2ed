package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.heartbeat.ClientId;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Access to little-endian integers at an index of an array, or of a buffer of any byte order. */
final class LittleEndian {
    private static final VarHandle SHORTS =
            MethodHandles.byteBufferViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final VarHandle ARRAY_SHORTS =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle ARRAY_INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle ARRAY_LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private LittleEndian() {}

    static int unsignedByte(byte[] bytes, int index) {
        return Byte.toUnsignedInt(bytes[index]);
    }

    static int unsignedShort(byte[] bytes, int index) {
        return Short.toUnsignedInt((short) ARRAY_SHORTS.get(bytes, index));
    }

    static int getInt(byte[] bytes, int index) {
        return (int) ARRAY_INTS.get(bytes, index);
    }

    static long unsignedInt(byte[] bytes, int index) {
        return Integer.toUnsignedLong(getInt(bytes, index));
    }

    static long getLong(byte[] bytes, int index) {
        return (long) ARRAY_LONGS.get(bytes, index);
    }

    /** Reads the 16 bytes of an id, which have no byte order: the first byte is the highest. */
    static ClientId clientId(byte[] bytes, int index) {
        return new ClientId(
                Long.reverseBytes(getLong(bytes, index)), Long.reverseBytes(getLong(bytes, index + Long.BYTES)));
    }

    static long getLong(ByteBuffer buffer, int index) {
        return (long) LONGS.get(buffer, index);
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
