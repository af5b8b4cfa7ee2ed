package io.gpufleet.telemetry.codec;

import com.esotericsoftware.kryo.kryo5.Kryo;
import com.esotericsoftware.kryo.kryo5.io.Input;
import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * A program that decodes an attacker's payloads in a JVM with a small heap. Its exit code is 0 if nothing but
 * {@link CodecException} was thrown.
 */
final class HostileInputs {
    static final String PLAIN_KRYO = "plain-kryo";

    private static final int INPUTS = 100_000;
    private static final int LONGEST = 600;
    private static final int ID_AND_PERCENTAGES = 19;

    private final SplittableRandom random = new SplittableRandom(5);
    private int refused;
    private int decoded;

    private HostileInputs() {}

    public static void main(String[] arguments) {
        if (arguments.length > 0 && arguments[0].equals(PLAIN_KRYO)) {
            decodeAnArrayWithPlainKryo();
            return;
        }
        HostileInputs inputs = new HostileInputs();
        inputs.attack(BincodeHeartbeatCodec.fixed(), new byte[0]);
        inputs.attack(BincodeHeartbeatCodec.varint(), new byte[0]);
        inputs.attack(KryoHeartbeatCodec.create(), new byte[] {0x6b, 1});
        System.out.println(inputs.refused + " refused, " + inputs.decoded + " decoded");
    }

    /** Five bytes that declare an array of 2^30 integers. */
    private static void decodeAnArrayWithPlainKryo() {
        Kryo kryo = new Kryo();
        kryo.register(int[].class);
        byte[] bytes = {(byte) 0x81, (byte) 0x80, (byte) 0x80, (byte) 0x80, 4};
        kryo.readObject(new Input(bytes), int[].class);
    }

    private void attack(Codec<Heartbeat> codec, byte[] header) {
        RandomHeartbeats heartbeats = new RandomHeartbeats(6);
        for (int i = 0; i < INPUTS; i++) {
            decode(codec, randomBytesBehind(header));
            decode(codec, hostileCountBehind(header));
            decode(codec, damaged(codec.encode(heartbeats.next(random.nextInt(4)))));
        }
    }

    private byte[] randomBytesBehind(byte[] header) {
        byte[] bytes = new byte[header.length + random.nextInt(LONGEST)];
        random.nextBytes(bytes);
        System.arraycopy(header, 0, bytes, 0, header.length);
        return bytes;
    }

    /** Returns small values, so that decoders reach the number of pods, and integers full of bits behind them. */
    private byte[] hostileCountBehind(byte[] header) {
        byte[] bytes = new byte[header.length + ID_AND_PERCENTAGES + random.nextInt(LONGEST)];
        System.arraycopy(header, 0, bytes, 0, header.length);
        int from = header.length + ID_AND_PERCENTAGES + random.nextInt(32);
        int to = from + 1 + random.nextInt(10);
        byte fill = (byte) (0xf0 | random.nextInt(16));
        Arrays.fill(bytes, Math.min(from, bytes.length), Math.min(to, bytes.length), fill);
        return bytes;
    }

    private byte[] damaged(byte[] bytes) {
        for (int flips = random.nextInt(4); flips >= 0; flips--) {
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(Byte.SIZE));
        }
        return Arrays.copyOf(bytes, Math.max(0, bytes.length + random.nextInt(-3, 4)));
    }

    private void decode(Codec<Heartbeat> codec, byte[] bytes) {
        try {
            codec.decode(ByteBuffer.wrap(bytes));
            decoded++;
        } catch (CodecException expected) {
            refused++;
        }
    }
}
