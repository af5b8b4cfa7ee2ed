package io.gpufleet.telemetry.heartbeat;

/** Range checks for the unsigned integers of the wire format. */
final class Unsigned {
    private static final long BYTE = 0xffL;
    private static final long SHORT = 0xffffL;
    private static final long INT = 0xffff_ffffL;

    private Unsigned() {}

    static void requireByte(String name, long value) {
        require(name, value, BYTE);
    }

    static void requireShort(String name, long value) {
        require(name, value, SHORT);
    }

    static void requireInt(String name, long value) {
        require(name, value, INT);
    }

    private static void require(String name, long value, long max) {
        if (value < 0 || value > max) {
            throw new IllegalArgumentException(name + ": " + value + " is not between 0 and " + max);
        }
    }
}
