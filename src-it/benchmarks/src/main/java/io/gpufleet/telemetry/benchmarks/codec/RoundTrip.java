package io.gpufleet.telemetry.benchmarks.codec;

import io.gpufleet.telemetry.heartbeat.Heartbeat;
import java.nio.ByteBuffer;

/** The check before a format is measured: every heartbeat survives the round trip, and both ways to encode agree. */
final class RoundTrip {
    private RoundTrip() {}

    /**
     * Checks a format with every heartbeat.
     *
     * @throws IllegalStateException if one of them comes back changed
     */
    static void check(Format format, Heartbeat[] heartbeats) {
        ByteBuffer target = target();
        for (Heartbeat heartbeat : heartbeats) {
            byte[] bytes = format.encode(heartbeat);
            require(format, heartbeat, format.decode(bytes));
            format.encode(heartbeat, target.clear());
            byte[] inBuffer = new byte[target.flip().remaining()];
            target.get(inBuffer);
            require(format, heartbeat, format.decode(inBuffer));
        }
    }

    /** Returns a buffer with room for any of the heartbeats in any format. */
    static ByteBuffer target() {
        return ByteBuffer.allocate(1 << 14);
    }

    private static void require(Format format, Heartbeat sent, Heartbeat received) {
        if (!sent.equals(received)) {
            throw new IllegalStateException(format.name() + ": " + sent + " came back as " + received);
        }
    }
}
