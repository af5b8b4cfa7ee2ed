package io.gpufleet.telemetry.testkit;

import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.CodecException;
import java.util.Arrays;
import java.util.Random;

/** The ways in which bytes are damaged between producer and consumer. */
enum Damage {
    /** The end is missing. */
    TRUNCATED,
    /** Extra bytes follow. */
    EXTENDED,
    /** The end is overwritten. */
    OVERWRITTEN,
    /** Some bits are wrong. */
    FLIPPED;

    private static final int ATTEMPTS = 1_000;
    private static final int MOST_EXTRA_BYTES = 16;
    private static final int MOST_FLIPPED_BITS = 4;

    /**
     * Returns bytes damaged so that the codec does not decode them; damage that the codec cannot detect does not count.
     */
    static byte[] anyNoticed(byte[] good, Codec<?> codec, Random random) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            byte[] damaged = values()[random.nextInt(values().length)].apply(good, random);
            if (!decodes(damaged, codec)) {
                return damaged;
            }
        }
        throw new IllegalStateException(codec + " has decoded " + ATTEMPTS + " damaged payloads");
    }

    private byte[] apply(byte[] good, Random random) {
        return switch (this) {
            case TRUNCATED -> Arrays.copyOf(good, random.nextInt(good.length));
            case EXTENDED -> Arrays.copyOf(good, good.length + 1 + random.nextInt(MOST_EXTRA_BYTES));
            case OVERWRITTEN -> overwritten(good, random.nextInt(good.length));
            case FLIPPED -> flipped(good, 1 + random.nextInt(MOST_FLIPPED_BITS), random);
        };
    }

    private static byte[] overwritten(byte[] good, int from) {
        byte[] damaged = good.clone();
        Arrays.fill(damaged, from, damaged.length, (byte) 0xff);
        return damaged;
    }

    private static byte[] flipped(byte[] good, int bits, Random random) {
        byte[] damaged = good.clone();
        for (int bit = 0; bit < bits; bit++) {
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(Byte.SIZE));
        }
        return damaged;
    }

    private static boolean decodes(byte[] bytes, Codec<?> codec) {
        try {
            codec.decode(bytes);
            return true;
        } catch (CodecException e) {
            return false;
        }
    }
}
