package io.gpufleet.telemetry.heartbeat;

import static java.util.Objects.requireNonNull;

/**
 * Eight unsigned 16-bit integers in a 128-bit integer, one for each device of a pod; device 0 has the lowest 16 bits.
 * Immutable.
 *
 * @param high the upper 64 bits: devices 4 to 7
 * @param low the lower 64 bits: devices 0 to 3
 */
public record PackedShorts(long high, long low) {
    private static final int IN_A_LONG = Long.SIZE / Short.SIZE;

    /**
     * Returns one of the values.
     *
     * @param index the device, 0 to 7
     * @return 0 to 65535
     */
    public int get(int index) {
        long half = DevicePod.checkIndex(index) < IN_A_LONG ? low : high;
        return (int) (half >>> (Short.SIZE * (index % IN_A_LONG))) & 0xffff;
    }

    /**
     * Packs values; the missing ones are 0.
     *
     * @param values at most eight values of 0 to 65535
     * @return the packed values
     */
    public static PackedShorts of(int... values) {
        DevicePod.checkCount(requireNonNull(values, "values").length);
        long[] halves = new long[2];
        for (int i = 0; i < values.length; i++) {
            Unsigned.requireShort("value " + i, values[i]);
            halves[i / IN_A_LONG] |= (long) values[i] << (Short.SIZE * (i % IN_A_LONG));
        }
        return new PackedShorts(halves[1], halves[0]);
    }
}
