package io.gpufleet.telemetry.benchmarks.codec;

import io.gpufleet.telemetry.heartbeat.Heartbeat;
import java.nio.ByteBuffer;

/** A wire form of the heartbeat, written and read as its library means it. Implementations belong to one thread. */
interface Format {

    /** Returns what it is called, and the version of the library that does the work. */
    String name();

    /** Returns how the library is set. */
    String settings();

    /** Returns a heartbeat's bytes in an array of their length. */
    byte[] encode(Heartbeat heartbeat);

    /** Writes a heartbeat at the position of a buffer that has room for it, and moves the position behind it. */
    void encode(Heartbeat heartbeat, ByteBuffer target);

    /** Returns the heartbeat of an array that holds nothing else. */
    Heartbeat decode(byte[] bytes);
}
