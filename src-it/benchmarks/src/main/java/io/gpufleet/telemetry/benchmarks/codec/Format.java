package io.gpufleet.telemetry.benchmarks.codec;

import io.gpufleet.telemetry.heartbeat.Heartbeat;
import java.nio.ByteBuffer;

/**
 * A wire form of the heartbeat, written and read in the usual way of its library. Implementations belong to one thread.
 */
interface Format {

    /** Returns the name, and the version of the library. */
    String name();

    /** Returns the settings of the library. */
    String settings();

    /** Returns the bytes of a heartbeat in an array of exactly their length. */
    byte[] encode(Heartbeat heartbeat);

    /** Writes a heartbeat at the position of a buffer that has room for it, and moves the position behind it. */
    void encode(Heartbeat heartbeat, ByteBuffer target);

    /** Returns the heartbeat of an array that holds nothing else. */
    Heartbeat decode(byte[] bytes);
}
