package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.heartbeat.Heartbeat;
import java.nio.ByteBuffer;

/** The layout of a heartbeat's integers in bincode. Implementations are immutable. */
interface BincodeForm {

    /** Returns the length of a heartbeat in bytes. */
    int size(Heartbeat heartbeat);

    /** Writes a heartbeat at the position of a buffer that has room for it, and moves the position behind it. */
    void write(Heartbeat heartbeat, ByteBuffer target);

    /** Reads a heartbeat at the buffer's position and moves the position behind it. */
    Heartbeat read(ByteBuffer source);

    /** Reads a heartbeat at the beginning of an array. */
    Heartbeat read(byte[] source);
}
