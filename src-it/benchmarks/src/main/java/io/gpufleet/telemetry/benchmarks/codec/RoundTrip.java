package io.gpufleet.telemetry.benchmarks.codec;

import io.gpufleet.telemetry.heartbeat.Heartbeat;
import java.nio.ByteBuffer;

/** What has to hold before a format is measured: it gives back every heartbeat, and both ways to encode agree. */
final class RoundTrip {
    private RoundTrip() {}

    /**
     * Tries a format with every heartbeat.
     *
     * @throws IllegalStateException if one of them does not come back
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
