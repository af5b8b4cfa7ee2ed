package io.gpufleet.telemetry.heartbeat;

import static java.util.Objects.requireNonNull;

/**
 * Eight unsigned bytes in a 64-bit integer, one for each device of a pod; device 0 has the lowest eight bits. The
 * integer as a whole means nothing: two devices at 50 and 51 are 13106. Immutable.
 *
 * @param bits the integer on the wire
 */
public record PackedBytes(long bits) {

    /**
     * Returns one of the values.
     *
     * @param index the device, 0 to 7
     * @return 0 to 255
     */
    public int get(int index) {
        return (int) (bits >>> (Byte.SIZE * DevicePod.checkIndex(index))) & 0xff;
    }

    /**
     * Packs values; the missing ones are 0.
     *
     * @param values at most eight values of 0 to 255
     * @return the packed values
     */
    public static PackedBytes of(int... values) {
        DevicePod.checkCount(requireNonNull(values, "values").length);
        long bits = 0;
        for (int i = 0; i < values.length; i++) {
            Unsigned.requireByte("value " + i, values[i]);
            bits |= (long) values[i] << (Byte.SIZE * i);
        }
        return new PackedBytes(bits);
    }
}
