package io.gpufleet.telemetry.codec;

import com.esotericsoftware.kryo.kryo5.Kryo;
import com.esotericsoftware.kryo.kryo5.KryoException;
import com.esotericsoftware.kryo.kryo5.Serializer;
import com.esotericsoftware.kryo.kryo5.io.ByteBufferOutput;
import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/** A Kryo with its input and output, for one call of the codec at a time. Not thread-safe. */
final class KryoSession {
    private static final int FORMAT = 0x6b;
    private static final int VERSION = 1;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** The bytes before the heartbeat: format and version. */
    static final int HEADER_BYTES = 2;

    private final Kryo kryo = new Kryo(new OneClassResolver(Heartbeat.class), null);
    private final PayloadInput input = new PayloadInput();
    private final ByteBufferOutput output = new ByteBufferOutput();

    KryoSession(Serializer<Heartbeat> serializer) {
        kryo.setRegistrationRequired(true);
        kryo.register(Heartbeat.class, serializer);
    }

    /** Writes a heartbeat at the position of a buffer that has room for it. */
    void write(Heartbeat heartbeat, ByteBuffer target) {
        output.setBuffer(target);
        try {
            output.writeByte(FORMAT);
            output.writeByte(VERSION);
            kryo.writeObject(output, heartbeat);
        } finally {
            output.setBuffer(NOTHING);
        }
    }

    /** Reads a heartbeat that takes up the whole buffer. */
    Heartbeat read(ByteBuffer source) {
        input.open(source);
        try {
            readHeader();
            Heartbeat heartbeat = kryo.readObject(input, Heartbeat.class);
            if (input.left() > 0) {
                throw new CodecException("end: " + input.left() + " bytes left over", input.offset());
            }
            return heartbeat;
        } catch (KryoException | IndexOutOfBoundsException | BufferUnderflowException e) {
            throw input.refuse(e.toString());
        } finally {
            input.release();
        }
    }

    private void readHeader() {
        int format = input.u8("format");
        if (format != FORMAT) {
            throw input.refuse(format + " is not " + FORMAT);
        }
        int version = input.u8("version");
        if (version != VERSION) {
            throw input.refuse(version + " is not " + VERSION);
        }
    }
}
