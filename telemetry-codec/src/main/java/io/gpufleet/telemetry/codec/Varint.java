package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.heartbeat.PackedShorts;
import java.nio.ByteBuffer;

/**
 * The writer of bincode's integers of variable length, each in its shortest form.
 *
 * <pre>{@code
 * u < 251     u
 * u < 2^16    251  u16
 * u < 2^32    252  u32
 * u < 2^64    253  u64
 * u < 2^128   254  u128
 * }</pre>
 */
final class Varint {
    static final int U16 = 251;
    static final int U32 = 252;
    static final int U64 = 253;
    static final int U128 = 254;

    private Varint() {}

    static int size(long unsigned) {
        if (Long.compareUnsigned(unsigned, U16) < 0) {
            return 1;
        }
        if (unsigned >>> Short.SIZE == 0) {
            return 1 + Short.BYTES;
        }
        return 1 + (unsigned >>> Integer.SIZE == 0 ? Integer.BYTES : Long.BYTES);
    }

    static int size(PackedShorts shorts) {
        return shorts.high() == 0 ? size(shorts.low()) : 1 + 2 * Long.BYTES;
    }

    static void put(ByteBuffer target, long unsigned) {
        int at = target.position();
        int size = size(unsigned);
        switch (size) {
            case 1 -> LittleEndian.putByte(target, at, (int) unsigned);
            case 1 + Short.BYTES -> {
                LittleEndian.putByte(target, at, U16);
                LittleEndian.putShort(target, at + 1, (int) unsigned);
            }
            case 1 + Integer.BYTES -> {
                LittleEndian.putByte(target, at, U32);
                LittleEndian.putInt(target, at + 1, unsigned);
            }
            default -> {
                LittleEndian.putByte(target, at, U64);
                LittleEndian.putLong(target, at + 1, unsigned);
            }
        }
        target.position(at + size);
    }

    static void put(ByteBuffer target, PackedShorts shorts) {
        if (shorts.high() == 0) {
            put(target, shorts.low());
            return;
        }
        int at = target.position();
        LittleEndian.putByte(target, at, U128);
        LittleEndian.putLong(target, at + 1, shorts.low());
        LittleEndian.putLong(target, at + 1 + Long.BYTES, shorts.high());
        target.position(at + 1 + 2 * Long.BYTES);
    }
}
